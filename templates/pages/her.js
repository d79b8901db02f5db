/* "Her hvor jeg står": fills in where the phone is. Without it, or without leave to know, the field is typed in as before. */
"use strict";
(() => {
  const field = document.getElementById("sted") || document.getElementById("place");
  if (!field || !("geolocation" in navigator)) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "lille-knap";
  button.textContent = "Her, hvor jeg står";
  const said = document.createElement("p");
  said.className = "hjaelp";
  said.setAttribute("role", "status");
  field.after(button, said);
  const whyNot = {
    1: "Telefonen må ikke sige, hvor den er. Giv lov i browserens indstillinger, eller sæt et kortlink ind.",
    2: "Telefonen ved ikke, hvor den er. Gå ud i det fri, eller sæt et kortlink ind.",
    3: "Det tog for lang tid. Prøv igen, eller sæt et kortlink ind.",
  };
  button.addEventListener("click", () => {
    said.textContent = "Finder stedet …";
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        field.value = coords.latitude.toFixed(6) + ", " + coords.longitude.toFixed(6);
        const metres = Math.round(coords.accuracy);
        said.textContent = "Stedet er sat ind, på " + metres + " meter nær." +
          (metres > 50 ? " Det er ikke nøjagtigt: vent lidt, og tryk igen." : "");
      },
      (fault) => { said.textContent = whyNot[fault.code] || whyNot[2]; },
      { enableHighAccuracy: true, timeout: 20000, maximumAge: 0 },
    );
  });
})();
