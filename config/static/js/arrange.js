// A tile of "Arrange" can be dragged to its place. The buttons beside it do the same without this file.
const list = document.querySelector("[data-arrange]");
let dragged = null;
for (const item of list?.children ?? []) {
  item.draggable = true;
  item.addEventListener("dragstart", (event) => {
    dragged = item;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
  });
  item.addEventListener("dragend", () => { dragged = null; });
  item.addEventListener("dragover", (event) => { if (dragged && dragged !== item) event.preventDefault(); });
  item.addEventListener("drop", (event) => {
    if (!dragged || dragged === item) return;
    event.preventDefault();
    const form = dragged.querySelector("form");
    for (const [name, value] of [["act", "move"], ["to", item.dataset.place]]) {
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name, value });
      form.append(input);
    }
    form.submit();
  });
}
