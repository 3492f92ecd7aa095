/**
 * Who speaks in the sets on which breaking in is measured.
 *
 * @module
 */

/** One set to develop on and one to check, with no talker and no seed in common. */
export const BARGE_IN_SETS = {
  dev: {
    seed: "barge-in-dev-1",
    callers: ["asterisk-core-sounds-en-wav", "asterisk-core-sounds-es-wav"],
    agents: ["asterisk-prompt-it-menardi-wav", "asterisk-core-sounds-en-wav"],
  },
  check: {
    seed: "barge-in-check-1",
    callers: [
      "asterisk-core-sounds-fr-wav",
      "asterisk-core-sounds-it-wav",
      "asterisk-core-sounds-ru-wav",
      "asterisk-prompt-es-co",
    ],
    agents: ["asterisk-core-sounds-fr-wav", "asterisk-core-sounds-ru-wav"],
  },
} as const;
