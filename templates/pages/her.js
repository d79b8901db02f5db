// "Her hvor jeg står": fills in where the telephone is, when its owner presses the button and says yes.
"use strict";
(function () {
  const button = document.getElementById("her");
  const place = document.getElementById("place");
  const told = document.getElementById("her-svar");
  if (!button || !place || !navigator.geolocation) return;
  button.hidden = false;
  button.addEventListener("click", function () {
    told.textContent = "Finder stedet …";
    navigator.geolocation.getCurrentPosition(
      function (found) {
        place.value = found.coords.latitude.toFixed(5) + ", " + found.coords.longitude.toFixed(5);
        told.textContent = "Stedet er skrevet i feltet. Det er rigtigt på cirka " + Math.ceil(found.coords.accuracy) + " meter.";
      },
      function () {
        told.textContent = "Telefonen vil ikke sige, hvor den er. Skriv det i feltet, eller sæt et kortlink ind.";
      },
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 }
    );
  });
})();
