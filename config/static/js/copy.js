// Copies a text to the clipboard. Without this file a click selects the text as a whole (user-select in the stylesheet).
for (const button of document.querySelectorAll("button[data-copies]")) {
  if (!navigator.clipboard) break;
  const text = document.getElementById(button.dataset.copies);
  const told = button.parentElement.querySelector("[role=status]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    told.textContent = "";
    await navigator.clipboard.writeText(text.textContent);
    told.textContent = button.dataset.copied;
  });
}
