// Helps where scripts run; every page does without it.

/** A step that can't be taken back is asked about first. */
document.addEventListener('click', (event) => {
  const button = event.target instanceof Element ? event.target.closest('button[data-confirm]') : null;
  if (button && !window.confirm(button.dataset.confirm)) event.preventDefault();
});

/**
 * A form is sent once, however often its button is pressed in a hurry. The button stays enabled: its value is part of the
 * form. A form that is answered by a file leaves its page standing, so after a while it can be sent again.
 */
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.method !== 'post' || event.defaultPrevented) return;
  if (form.dataset.sent === 'yes') return event.preventDefault();
  form.dataset.sent = 'yes';
  setTimeout(() => delete form.dataset.sent, 3000);
});
// A page that comes back from the browser's store is ready to be sent again.
window.addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent;
});

/** After a fault, a screen reader begins at the summary. */
document.querySelector('[data-focus]')?.focus();
