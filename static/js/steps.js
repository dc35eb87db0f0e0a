/* The form of an edition: what belongs to a step that is switched off is put away while one fills in.
   Without this file the fields stay, and what is in them is not read. */
(function () {
  "use strict";

  const boxes = [...document.querySelectorAll("input[name=steps]")];
  const form = boxes[0]?.form;
  if (!form) return;
  const fields = [...form.querySelectorAll("[data-steps]")];
  const weights = { review: form.elements.expert_weight, voting: form.elements.vote_weight };
  const shared = [weights.review?.value, weights.voting?.value];

  function show() {
    const off = boxes.filter((box) => !box.checked).map((box) => box.value);
    for (const field of fields) {
      const away = field.dataset.steps.split(" ").some((step) => off.includes(step));
      field.closest(".field").hidden = away;
    }
    for (const section of form.querySelectorAll("section")) {
      const all = [...section.querySelectorAll(".field")];
      const away = all.length > 0 && all.every((field) => field.hidden);
      section.hidden = away;
      const line = document.querySelector(`.sidenav a[href="#${section.id}"]`)?.closest("li");
      if (line) line.hidden = away;
    }
  }

  // Which of the two that score is left weighs all; with both, what was there before.
  function weigh() {
    const { review, voting } = weights;
    if (!review || !voting || review.disabled) return;
    const on = ["review", "voting"].map((step) => boxes.some((box) => box.value === step && box.checked));
    if (on[0] !== on[1]) [review.value, voting.value] = on[0] ? ["100", "0"] : ["0", "100"];
    else if (on[0]) [review.value, voting.value] = shared;
  }

  for (const box of boxes) {
    box.addEventListener("change", () => {
      show();
      weigh();
    });
  }
  show();
})();
