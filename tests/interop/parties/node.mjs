// An application in Node.js around the snippet of the admin site (./sign_on.mjs): sessions in memory, JSON pages.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { begin, finish, logoutAddress, readLogoutToken, refresh } from "./sign_on.mjs";

const port = Number(process.env.PORT);
const address = `http://localhost:${port}`;
const sessions = new Map();

async function body(request) {
  let text = "";
  for await (const part of request) text += part;
  return new URLSearchParams(text);
}

function session(request, response) {
  const key = /node_party=([\w-]+)/.exec(request.headers.cookie ?? "")?.[1];
  if (sessions.has(key)) return sessions.get(key);
  const made = { key: randomUUID() };
  sessions.set(made.key, made);
  response.setHeader("Set-Cookie", `node_party=${made.key}; HttpOnly; Path=/`);
  return made;
}

const pages = {
  "GET /": async (mine) => ({ who: mine.person ?? null, claims: mine.claims ?? null, refreshed: mine.refreshed ?? 0 }),
  "GET /login": async (mine) => ({ to: (await begin(mine)).href }),
  "GET /callback": async (mine, url) => {
    const { tokens, person } = await finish(mine, url.href);
    Object.assign(mine, { tokens, person, claims: tokens.claims() });
    return { to: "/" };
  },
  "GET /refresh": async (mine) => {
    mine.tokens = { id_token: mine.tokens.id_token, ...(await refresh(mine.tokens.refresh_token)) };
    mine.refreshed = (mine.refreshed ?? 0) + 1;
    return { to: "/" };
  },
  "GET /logout": async (mine) => {
    sessions.delete(mine.key);
    return { to: logoutAddress(mine.tokens.id_token, `${address}/`).href };
  },
  "POST /back-channel-logout": async (_mine, _url, request) => {
    const token = await readLogoutToken((await body(request)).get("logout_token"));
    for (const [key, one] of sessions) if (one.claims?.sid === token.sid) sessions.delete(key);
    return {};
  },
};

createServer(async (request, response) => {
  const url = new URL(request.url, address);
  const page = pages[`${request.method} ${url.pathname}`];
  try {
    const answer = page ? await page(session(request, response), url, request) : { problem: "no such page" };
    if (answer.to) response.writeHead(302, { Location: answer.to });
    else response.writeHead(page ? 200 : 404, { "Content-Type": "application/json" });
    response.end(JSON.stringify(answer));
  } catch (problem) {
    response.writeHead(403, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ problem: problem.code ?? problem.message, error: problem.error ?? null }));
  }
}).listen(port, "127.0.0.1");
