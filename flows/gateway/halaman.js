"use strict";
// The browser's part of a device key: asks the door what to sign, has the device sign it, hands it back. Sends nothing else.

const toBytes = text => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), letter => letter.charCodeAt(0));
const toText = bytes =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const WORDS = {
  NotAllowedError: "Dibatalkan, waktunya habis, atau perangkat ini tidak memeriksa sidik jari, wajah atau PIN.",
  InvalidStateError: "Perangkat ini sudah terdaftar.",
  NotSupportedError: "Perangkat ini tidak mendukung jenis kunci yang diperlukan.",
  SecurityError: "Alamat halaman ini bukan alamat kantor yang terdaftar; buka lewat alamat resmi.",
};

async function ask(path, body) {
  const answer = await fetch(path, {
    method: "POST", body: JSON.stringify(body), headers: {"content-type": "application/json"}, credentials: "same-origin",
  });
  const said = await answer.json().catch(() => ({detail: "Server tidak menjawab seperti biasa. Coba lagi."}));
  if (!answer.ok) throw new Error(said.detail || "Ditolak.");
  return said;
}

async function enrol(path, fields) {
  const asked = await ask(`${path}/mulai`, {kode: fields.kode});
  const made = await navigator.credentials.create({publicKey: {
    challenge: toBytes(asked.challenge), rp: asked.rp, timeout: 240000, attestation: "none",
    user: {...asked.user, id: toBytes(asked.user.id)},
    pubKeyCredParams: asked.algorithms.map(alg => ({type: "public-key", alg})),
    authenticatorSelection: {userVerification: "required", residentKey: "discouraged"},
  }});
  return ask(`${path}/selesai`, {
    token: asked.token, id: made.id, client: toText(made.response.clientDataJSON),
    attestation: toText(made.response.attestationObject),
  });
}

async function sign(path, fields) {
  const asked = await ask(`${path}/mulai`, {
    keputusan: fields.keputusan, catatan: fields.catatan, kode_berkas: fields.kode_berkas,
  });
  const made = await navigator.credentials.get({publicKey: {
    challenge: toBytes(asked.challenge), rpId: asked.rpId, timeout: 240000, userVerification: "required",
    allowCredentials: [{type: "public-key", id: toBytes(asked.credential)}],
  }});
  return ask(`${path}/selesai`, {
    token: asked.token, id: made.id, client: toText(made.response.clientDataJSON),
    authenticator: toText(made.response.authenticatorData), signature: toText(made.response.signature),
  });
}

for (const [name, act] of [["daftar", enrol], ["tanda", sign]]) {
  const form = document.getElementById(name);
  if (!form) continue;
  const told = form.querySelector(".jawab"), button = form.querySelector("button");
  const tell = (kind, words) => { told.className = `jawab ${kind}`; told.textContent = words; };
  form.addEventListener("submit", async event => {
    event.preventDefault();
    if (!window.PublicKeyCredential) return tell("salah", "Peramban ini tidak mengenal kunci perangkat (perlu HTTPS).");
    button.disabled = true;
    tell("tunggu", "Ikuti permintaan perangkat Anda ...");
    try {
      const said = await act(form.dataset.jalur, Object.fromEntries(new FormData(form)));
      tell("benar", said.detail);
      form.querySelectorAll("input, textarea").forEach(field => { field.disabled = true; });
    } catch (error) {
      tell("salah", WORDS[error.name] || error.message);
      button.disabled = false;
    }
  });
}
