/**
 * What a load balancer asks.
 *
 * @module
 */

/** `GET /healthz`: the process answers. */
export function answerAlive(): Response {
  return Response.json({ status: "alive" });
}

/** `GET /readyz`: whether another call may be sent here; 503 if not. */
export function answerReady(mayTakeCall: boolean): Response {
  if (mayTakeCall) return Response.json({ status: "ready" });
  return Response.json({ status: "not-ready" }, { status: 503 });
}
