/** What an agent can do that says nothing of it in its file, and whose calls it takes. */
export const PLAIN_ABILITIES = {
  numbers: [],
  variables: {},
  tools: [],
  destinations: {},
  smsRecipients: {},
  callers: { deny: [] },
  records: {
    transcript: true,
    redact: [],
    keepDays: 30,
    recording: false,
    recordingNotice: "",
  },
};
