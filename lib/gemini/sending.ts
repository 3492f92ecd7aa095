/**
 * Says things to the model over a connection.
 *
 * @module
 */

import type { Saying } from "./backlog.ts";
import type { Connection } from "./live_connection.ts";

/** Says one thing. */
export function send(connection: Connection, saying: Saying): void {
  switch (saying.type) {
    case "open-activity":
      return connection.openActivity();
    case "audio":
      return connection.sendAudio(saying.pcm);
    case "end-audio":
      return connection.endAudio();
    case "activity-text":
      return connection.sendActivityText(saying.text);
    case "close-activity":
      return connection.closeActivity();
    case "text":
      return connection.sendText(saying.text, { reply: saying.reply });
    case "content":
      return connection.sendContent(saying.turns, saying.turnComplete);
    case "realtime-text":
      return connection.sendActivityText(saying.text);
    case "picture":
      return connection.sendPicture(saying.data, saying.mimeType);
    case "function-results":
      return connection.sendResults(saying.results);
    default:
      saying satisfies never;
  }
}
