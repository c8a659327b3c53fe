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
  const wrong = form.querySelector("[data-wrong]");
  let onward = ""; // where to go when the photo is there
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
    wrong.hidden = true;
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
    if (status === 200 && onward) return location.assign(onward);
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
    rest();
    timer = setTimeout(send, PAUSES[Math.min(tries, PAUSES.length - 1)]);
    tries += 1;
  }

  /** The button can be pressed again, and no longer looks busy. */
  function rest() {
    form.dispatchEvent(new Event("htmx:afterRequest"));
  }

  /** Said before the photo is on its way, so that it need not be chosen and sent again. */
  function refuse(text, field) {
    wrong.querySelector("p").textContent = text;
    wrong.hidden = false;
    field.focus();
    rest();
  }

  form.addEventListener("submit", (event) => {
    const { file, alt } = form.elements;
    if (!file.files.length) return; // the server says what is missing, or goes on
    event.preventDefault();
    delete form.dataset.sent; // a second press is a second try, not a second photo
    onward = event.submitter?.dataset.on ?? "";
    if (file.files[0].size > Number(form.dataset.largest)) return refuse(wrong.dataset.tooLarge, file);
    if (!alt.value.trim()) return refuse(wrong.dataset.noWords, alt);
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
