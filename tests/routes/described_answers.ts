/**
 * Holds every answer of an app against the description of its API.
 *
 * @module
 */

import { failure } from "../../routes/api_schemas.ts";
import type { Answer } from "../../routes/listeners/listener.ts";
import { ROUTES } from "../../routes/api_routes.ts";

/** The same answers; one that the description does not have fails the request. */
export function asDescribed(answer: Answer): Answer {
  return async (request, connection) => {
    const response = await answer(request, connection);
    const wrong = await whatIsWrong(request, response);
    if (wrong === undefined) return response;
    throw new Error(`${request.method} ${new URL(request.url).pathname}: ${wrong}`);
  };
}

/** What is not as described, if anything is not. */
export async function whatIsWrong(
  { method, url }: Pick<Request, "method" | "url">,
  response: Response,
): Promise<string | undefined> {
  // The node listener says by a bare 200 that a handshake was accepted.
  const doc = docOf(method, new URL(url).pathname);
  const answer = doc?.answers[response.status];
  const type = response.headers.get("content-type")?.split(";")[0];
  if (method === "HEAD" || doc?.isPage || doc?.answers[101] && response.ok) return undefined;
  if (!answer && response.ok) return `the status ${response.status} is not described`;
  const { type: expected, schema } = answer ??
    { type: "application/json", schema: failure };
  if (type !== expected) return `the type is ${type}, expected ${expected}`;
  if (!schema) return undefined;
  const { error } = schema.safeParse(await response.clone().json());
  return error?.message;
}

function docOf(method: string, pathname: string) {
  // A word in a path comes before a name that stands for any.
  const routes = Object.entries(ROUTES).toSorted(([a], [b]) => colons(a) - colons(b));
  const found = routes.find(([route]) => {
    const [verb, path = ""] = route.split(" ");
    const pattern = path.replaceAll(".", "\\.").replace(/:\w+/g, "[^/]+");
    return verb === method && new RegExp(`^${pattern}/?$`).test(pathname);
  });
  return found?.[1];
}

function colons(route: string): number {
  return route.split(":").length;
}
