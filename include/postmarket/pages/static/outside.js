// In Airflow these pages are shown in a frame that may not open windows of its own; the page around it may.
// Without this script, or outside a frame, the links are plain links.
"use strict";
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a.outside") : null;
  if (!link || window.parent === window || event.defaultPrevented) return;
  event.preventDefault();
  window.parent.open(link.href, "_blank", "noopener,noreferrer");
});
