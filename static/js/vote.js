/* A small comfort at the booth: ticks not yet sent survive a look at a candidate's page. They stay in this
   tab of this telephone and are forgotten once the ballot is cast. The page works without this file. */
(function () {
  "use strict";

  const cast = document.querySelector("[data-cast-poll]");
  const form = document.querySelector("form[data-poll]");
  const store = {
    get: (key) => { try { return JSON.parse(sessionStorage.getItem(key) || "[]"); } catch { return []; } },
    set: (key, value) => { try { sessionStorage.setItem(key, JSON.stringify(value)); } catch { /* private mode */ } },
    drop: (key) => { try { sessionStorage.removeItem(key); } catch { /* private mode */ } },
  };

  if (cast) store.drop(`vote-${cast.dataset.castPoll}`);
  if (!form) return;

  const key = `vote-${form.dataset.poll}`;
  const boxes = Array.from(form.querySelectorAll("input.pick"));
  const most = Number(form.dataset.most || 0);

  function recall() {
    if (boxes.some((box) => box.checked)) return; // what the server or the browser brought back is newer
    for (const value of store.get(key).slice(0, most)) {
      const box = boxes.find((each) => each.value === value);
      if (box) box.checked = true;
    }
    boxes[0]?.dispatchEvent(new Event("change", { bubbles: true }));
  }

  recall();
  form.addEventListener("change", () => {
    store.set(key, boxes.filter((box) => box.checked).map((box) => box.value));
  });
})();
