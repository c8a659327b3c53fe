// SPDX-License-Identifier: AGPL-3.0-or-later
// Sends one photo in one request, shows how far it has come, and tries again after a cut. The key in the form stays the
// same, so a photo that arrived although its answer was lost is there once. The form works without.

const PAUSES = [2000, 5000, 10_000, 20_000]; // milliseconds between two tries

const said = document.querySelector("[data-photo-said]");

function followForm(form) {
  const sending = form.querySelector("[data-sending]");
  const bar = form.querySelector("progress");
  const cut = form.querySelector("[data-cut]");
  const label = form.querySelector("[data-label]");
  let request = null;
  let tries = 0;
  let timer;

  function send() {
    if (request) return;
    clearTimeout(timer);
    request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("HX-Request", "true");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = Math.round((100 * event.loaded) / event.total);
    });
    request.addEventListener("load", arrived);
    request.addEventListener("error", lost);
    request.addEventListener("abort", lost);
    bar.value = 0;
    sending.hidden = false;
    cut.hidden = true;
    request.send(new FormData(form));
  }

  /** The server has answered: its list takes the place of ours, with the photo or with what is wrong about it. */
  function arrived() {
    const { status, responseText, responseURL } = request;
    request = null;
    if (status >= 500) return lost();
    if (!responseURL.includes("/photos/") || (status >= 400 && status !== 422)) return form.submit(); // signed out: the usual way
    const came = new DOMParser().parseFromString(responseText, "text/html").querySelector("#photos");
    if (!came) return form.submit();
    document.querySelector("#photos").replaceWith(came);
    begin();
    if (status === 200) {
      said.textContent = said.dataset.added;
      came.querySelector("li:last-child button")?.focus({ preventScroll: true });
      came.querySelector("li:last-child")?.scrollIntoView({ block: "nearest" });
    } else {
      came.querySelector("[data-focus]")?.focus();
    }
  }

  function lost() {
    request = null;
    sending.hidden = true;
    cut.hidden = false;
    label.textContent = label.dataset.again;
    form.dispatchEvent(new Event("htmx:afterRequest")); // so that the button no longer looks busy
    timer = setTimeout(send, PAUSES[Math.min(tries, PAUSES.length - 1)]);
    tries += 1;
  }

  form.addEventListener("submit", (event) => {
    if (!form.elements.file.files.length || !form.elements.alt.value.trim()) return; // the server says what is missing
    event.preventDefault();
    delete form.dataset.sent; // a second press is a second try, not a second photo
    send();
  });
  addEventListener("online", () => {
    if (!cut.hidden) send();
  });
}

function begin() {
  document.querySelectorAll("[data-sends-photo]").forEach(followForm);
}
begin();
