// An application that runs in the browser alone: code flow with PKCE, everything by fetch from its own origin.
const { issuer, client_id } = await (await fetch("/settings.json")).json();
const redirect_uri = `${location.origin}/`;
const known = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
const told = document.getElementById("told");
const encoded = (bytes) => btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const tell = (what) => { told.textContent = JSON.stringify(what); };

async function ask(url, options) {
  try {
    const answer = await fetch(url, options);
    return { status: answer.status, body: await answer.json().catch(() => null) };
  } catch (error) {
    return { status: 0, body: String(error) }; // what a browser says of an answer that it may not show
  }
}
const post = (url, form) => ask(url, { method: "POST", body: new URLSearchParams({ client_id, ...form }) });

document.getElementById("in").addEventListener("click", async () => {
  const verifier = encoded(crypto.getRandomValues(new Uint8Array(32)));
  sessionStorage.setItem("verifier", verifier);
  const challenge = encoded(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
  location.href = `${known.authorization_endpoint}?${new URLSearchParams({
    client_id, redirect_uri, response_type: "code", scope: "openid profile", code_challenge: challenge,
    code_challenge_method: "S256",
  })}`;
});
document.getElementById("in").disabled = false;

const code = new URLSearchParams(location.search).get("code");
if (code) {
  const form = { grant_type: "authorization_code", code, redirect_uri, code_verifier: sessionStorage.getItem("verifier") };
  const tokens = await post(known.token_endpoint, form);
  const bearer = { headers: { Authorization: `Bearer ${tokens.body.access_token}` } };
  const who = await ask(known.userinfo_endpoint, bearer);
  const fresh = await post(known.token_endpoint, { grant_type: "refresh_token", refresh_token: tokens.body.refresh_token });
  const revoked = await post(known.revocation_endpoint, { token: fresh.body?.refresh_token });
  const after = await ask(known.userinfo_endpoint, bearer);
  tell({ tokens: tokens.status, who, refreshed: fresh.status, revoked: revoked.status, after: after.status });
}
