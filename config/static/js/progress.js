// Waits for something that the server is making, then shows the page again: a little slower each time.
const waiting = document.querySelector("[data-progress]");
if (waiting) {
  let pause = 700;
  const look = async () => {
    const answer = await fetch(waiting.dataset.progress).then((r) => r.json()).catch(() => null);
    if (answer && answer.state !== "waiting") {
      // The button that was pressed said "print": the form opens, and Back leads to the page of the request.
      if (waiting.dataset.opens && answer.state === "ready") { history.replaceState(null, "", location.pathname); location.assign(waiting.dataset.opens); setTimeout(() => location.reload(), 3000); }
      else location.reload();
      return;
    }
    const bar = waiting.querySelector("progress");
    if (bar && answer && "percent" in answer) {
      bar.value = answer.percent;
      waiting.querySelector("[data-percent]").textContent = `${answer.percent} %`;
    }
    pause = Math.min(pause * 1.4, 5000);
    setTimeout(look, pause);
  };
  setTimeout(look, pause);
}
