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
// Who leaves an open dialog by keyboard closes it: what lies behind it cannot be seen well.
document.addEventListener("focusin", event => {
  const open = document.querySelector("[popover]:popover-open");
  if (open && !open.contains(event.target) && event.target.matches(":focus-visible")) {
    open.hidePopover();
  }
});
// Whoever comes back to a page that was kept may send its forms again.
addEventListener("pageshow", () => document.querySelectorAll("form").forEach(form => delete form.dataset.sent));
