// The box in the head of a list ticks all of its rows. Each row can be ticked without it.
const head = document.getElementById("action-toggle");
const boxes = [...document.querySelectorAll("input.action-select")];
head?.addEventListener("change", () => { for (const box of boxes) box.checked = head.checked; });
for (const box of boxes) box.addEventListener("change", () => { head.checked = boxes.every((one) => one.checked); });
