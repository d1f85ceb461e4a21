// Sends an application its answer, which a person would press a button for. Only ever on the page that follows a person's
// own step: no link in a mail leads there.
document.querySelector("form[data-answer]")?.submit();
