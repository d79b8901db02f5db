// The real map, where there are tiles for one. Without this script the drawing below it stands, with the same places.
"use strict";
(function () {
  const here = document.getElementById("landkort");
  if (!here || !window.L) return;
  const [south, west, north, east] = here.dataset.udsnit.split(",").map(Number);
  here.hidden = false;
  document.getElementById("tegning").hidden = true;
  const map = L.map(here, { zoomControl: false, attributionControl: false, maxZoom: 19 });
  L.control.zoom({ zoomInTitle: "Zoom ind", zoomOutTitle: "Zoom ud" }).addTo(map);
  if (here.dataset.kilde) L.control.attribution({ prefix: false }).addAttribution(text(here.dataset.kilde)).addTo(map);
  // such a server may ask which site its tiles are shown on, never which page of it
  L.tileLayer(here.dataset.fliser, { maxZoom: 19, referrerPolicy: "strict-origin" }).addTo(map);
  const marks = L.layerGroup().addTo(map);
  let asked = 0;

  function text(words) {
    const safe = document.createElement("span");
    safe.textContent = words;
    return safe.innerHTML;
  }

  function drawn(spot) {
    const many = spot.antal > 1;
    const light = spot.fyld === "#14532d" || spot.fyld === "#8f1414";
    const shape = many
      ? `<circle r="16" fill="${spot.fyld}" stroke="#111" stroke-width="1.6"/><text y="5" class="tegn${light ? " lys" : ""}${spot.antal > 999 ? " smal" : ""}">${spot.antal}</text>`
      : `<path d="${spot.form}" fill="${spot.fyld}" stroke="#111" stroke-width="1.6"/>`;
    return `<svg viewBox="-18 -18 36 36" width="36" height="36" aria-hidden="true">${shape}</svg>`;
  }

  async function show() {
    const number = ++asked;
    const seen = map.getBounds();
    const box = [seen.getSouth(), seen.getWest(), seen.getNorth(), seen.getEast()].map((side) => side.toFixed(5));
    const url = new URL(here.dataset.spoerg, location.href);
    url.searchParams.set("udsnit", box.join(","));
    const answer = await fetch(url);
    if (!answer.ok || number !== asked) return;
    marks.clearLayers();
    for (const spot of await answer.json()) {
      if (spot.linje) {
        L.polyline(spot.linje, { color: "#111", weight: 5, interactive: false }).addTo(marks);
        L.polyline(spot.linje, { color: "#f2b134", weight: 2.4, dashArray: "6 4", interactive: false }).addTo(marks);
        continue;
      }
      const icon = L.divIcon({ html: drawn(spot), className: "maerke", iconSize: [36, 36] });
      const mark = L.marker([spot.lat, spot.lon], { icon, title: spot.ord, alt: spot.ord }).addTo(marks);
      mark.getElement().setAttribute("aria-label", spot.ord);
      const go = () => {
        if (spot.udsnit) map.fitBounds([[spot.udsnit[0], spot.udsnit[1]], [spot.udsnit[2], spot.udsnit[3]]]);
        else location.href = spot.href;
      };
      mark.on("click", go);
      mark.on("keypress", (press) => press.originalEvent.key === "Enter" && go());
    }
  }

  map.on("moveend", show);
  map.fitBounds([[south, west], [north, east]]);
})();
