'use strict';
const form = document.querySelector('main');
const items = [...form.querySelectorAll('fieldset')];
const left = document.getElementById('left');
let saved = true;
function percent(item) { return item.querySelector('.lk-percent').value.trim(); }
// What was given and is now empty is taken back; what was never given says nothing.
function answer(item) { return percent(item) || (item.querySelector('.lk-percent').defaultValue ? '-' : ''); }
function count() {
  const open = items.filter((item) => percent(item) === '').length;
  left.textContent = left.dataset.words.replace('{count}', open);
}
function cell(words) {
  const plain = /^[=+\-@\t\r]/.test(words) ? "'" + words : words;
  return '"' + plain.replaceAll('"', '""') + '"';
}
function build() {
  const lines = [form.querySelector('.lk-save').dataset.columns];
  for (const item of items) {
    const values = [item.dataset.student, item.dataset.key, item.dataset.item, item.dataset.title, item.dataset.points,
      answer(item), item.querySelector('.lk-comment').value, item.querySelector('.lk-private').value];
    lines.push(values.map(cell).join(','));
  }
  return '\ufeff' + lines.join('\r\n') + '\r\n';
}
function save() {
  const wrong = items.map((item) => item.querySelector('.lk-percent')).find((field) => !field.checkValidity());
  if (wrong) { wrong.reportValidity(); return; }
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([build()], {type: 'text/csv'}));
  link.download = 'rubric.csv';
  link.click();
  saved = true;
}
form.addEventListener('input', () => { saved = false; count(); });
for (const button of document.querySelectorAll('.lk-save')) button.addEventListener('click', save);
window.addEventListener('beforeunload', (event) => { if (!saved) event.preventDefault(); });
count();
