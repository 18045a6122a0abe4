// A second click on the way would ask for the same once more, and throw the answer to the first one away. Forms work without this script.
document.addEventListener("submit", event => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }

  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 20000);
});
// Whoever comes back to a page that was kept may send its forms again.
addEventListener("pageshow", () => document.querySelectorAll("form").forEach(form => delete form.dataset.sent));
