// Helps to type a request; the server checks all of it again, and the form works without this.

/** What is typed, without what parts it for reading; both kinds of digits in one field turn it round. */
const digitsIn = (field) => {
  if (/[٠-٩]/.test(field.value))
    field.value = field.value.replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x0660));
  return field.value.replace(/[\s.\-\u2010-\u2015\u200e\u200f]/g, '');
};

const employer = document.querySelector('#entry-form #field-employerNumber');
const counted = document.querySelector('#employer-check');
if (employer && counted) {
  const check = () => {
    const digits = digitsIn(employer);
    const isWhole = /^\d{10}$/.test(digits);
    const isWrong = !isWhole && (digits.length >= 10 || /\D/.test(digits));
    counted.textContent =
      digits === ''
        ? ''
        : isWhole
          ? employer.dataset.good
          : employer.dataset.missing.replace('%count', String(digits.length));
    counted.className = isWhole ? 'text-success' : isWrong ? 'text-danger' : 'text-body-secondary';
  };
  employer.addEventListener('input', check);
  if (employer.value !== '') check();
}

const rib = document.querySelector('#entry-form #field-rib');
const said = document.querySelector('#rib-check');
if (rib && said) {
  const { banks, ours, agencies, good, other, missing, key } = rib.dataset;
  const names = JSON.parse(banks);
  const agencyNames = JSON.parse(agencies);
  const tell = (text, tone) => {
    said.textContent = text;
    said.className = tone;
  };
  const check = () => {
    const digits = digitsIn(rib);
    if (digits === '') return tell('', '');
    if (!/^\d{20}$/.test(digits)) return tell(missing.replace('%count', String(digits.length)), 'text-body-secondary');
    const expected = 97n - ((BigInt(digits.slice(3, 18)) * 100n) % 97n);
    if (BigInt(digits.slice(18)) !== expected) return tell(key, 'text-danger');
    const bank = names[digits.slice(0, 3)] ?? digits.slice(0, 3);
    if (!ours.split(' ').includes(digits.slice(0, 3))) return tell(other.replace('%bank', bank), 'text-danger');
    const agency = digits.slice(3, 8);
    tell(good.replace('%bank', bank).replace('%agency', agencyNames[agency] ?? agency), 'text-success');
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
