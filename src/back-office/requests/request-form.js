// Helps to type a request; the server checks all of it again, and the form works without this.

const rib = document.querySelector('#entry-form #field-rib');
const said = document.querySelector('#rib-check');
if (rib && said) {
  const { banks, ours, good, other, missing, key } = rib.dataset;
  const names = JSON.parse(banks);
  const tell = (text, tone) => {
    said.textContent = text;
    said.className = tone;
  };
  const check = () => {
    // Both kinds of digits in one field turn it round.
    if (/[٠-٩]/.test(rib.value))
      rib.value = rib.value.replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x0660));
    const digits = rib.value.replace(/[\s.\-\u2010-\u2015\u200e\u200f]/g, '');
    if (digits === '') return tell('', '');
    if (!/^\d{20}$/.test(digits)) return tell(missing.replace('%count', String(digits.length)), 'text-body-secondary');
    const expected = 97n - ((BigInt(digits.slice(3, 18)) * 100n) % 97n);
    if (BigInt(digits.slice(18)) !== expected) return tell(key, 'text-danger');
    const bank = names[digits.slice(0, 3)] ?? digits.slice(0, 3);
    if (!ours.split(' ').includes(digits.slice(0, 3))) return tell(other.replace('%bank', bank), 'text-danger');
    tell(good.replace('%bank', bank).replace('%agency', digits.slice(3, 8)), 'text-success');
  };
  rib.addEventListener('input', check);
  if (rib.value !== '') check();
}

/** The amount in words, asked for when the typing pauses. */
for (const field of document.querySelectorAll('#entry-form [data-words-from]')) {
  const output = document.getElementById(`${field.name}-words`);
  let waiting;
  field.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const asked = field.value;
      const address = `${field.dataset.wordsFrom}?${new URLSearchParams({ amount: asked })}`;
      const answer = await fetch(address, { headers: { Accept: 'application/json' } }).catch(() => undefined);
      if (!answer?.ok || !answer.headers.get('content-type')?.startsWith('application/json')) return;
      const words = await answer.json();
      // A slow answer must not speak for what was typed after it.
      if (field.value !== asked) return;
      output.querySelector('[lang=fr]').textContent = words.fr;
      output.querySelector('[lang=ar]').textContent = words.ar;
    }, 250);
  });
}
