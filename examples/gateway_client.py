"""A client of Offhook's gateway: lines to the model, answers to the screen; `quit` leaves.

    pip install websockets
    python3 examples/gateway_client.py [ws-address]

CONSOLE_TOKEN opens a server that has one. Sending and receiving are two tasks that do not wait for one another. When the
socket is lost the client comes back by its token. The sound of the answers goes to answer.wav.
"""

import asyncio
import base64
import json
import os
import sys
import wave

import websockets

LOCAL = "ws://localhost:8000/api/gemini/ws"
MOST_ATTEMPTS = 6
# A server that cannot serve is not asked again.
HOPELESS = {1000, 1005, 1008, 1011, 4000}


class Client:
    """One conversation over as many sockets as it takes."""

    def __init__(self, url):
        self.url = url
        self.lines = asyncio.Queue()
        self.resume_token = None
        self.sound = bytearray()
        self.is_over = False

    async def run(self):
        """Talks until `quit` or until the server cannot be had any more."""
        attempt = 0
        while not self.is_over and attempt < MOST_ATTEMPTS:
            try:
                async with websockets.connect(self.url, **headers()) as socket:
                    attempt = 0
                    await self.talk(socket)
            except (OSError, websockets.ConnectionClosed) as error:
                code = getattr(getattr(error, "rcvd", None), "code", None)
                self.is_over = self.is_over or code in HOPELESS
            if not self.is_over:
                await asyncio.sleep(min(10, 0.25 * 2**attempt))
                attempt += 1

    async def talk(self, socket):
        """Both ways at once, until one of them ends."""
        wishes = {} if self.resume_token is None else {"resume_token": self.resume_token}
        await socket.send(json.dumps({"type": "config", "data": wishes}))
        tasks = [
            asyncio.create_task(self.send(socket)),
            asyncio.create_task(self.receive(socket)),
        ]
        done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        for task in done:
            task.result()

    async def send(self, socket):
        while True:
            line = await self.lines.get()
            if line == "quit":
                self.is_over = True
                return await socket.close()
            await socket.send(json.dumps({"type": "text", "text": line}))

    async def receive(self, socket):
        async for frame in socket:
            self.take(json.loads(frame))

    def take(self, message):
        self.resume_token = message.get("resumeToken", self.resume_token)
        if message["type"] == "response":
            print(message["text"], end="", flush=True)
        elif message["type"] == "audio":
            self.sound += base64.b64decode(message["data"])
        elif message["type"] == "error":
            print(f"\n[{message['code']}] {message['message']}", flush=True)
            if message["code"] == "resume-unknown":
                self.resume_token = None
        elif message.get("state") == "turn-complete":
            print("\n> ", end="", flush=True)

    def keep_sound(self, path):
        with wave.open(path, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(24_000)
            file.writeframes(self.sound)


def headers():
    """The name of the argument changed with version 14 of the package."""
    token = os.environ.get("CONSOLE_TOKEN")
    if not token:
        return {}
    is_new = int(websockets.__version__.split(".")[0]) >= 14
    name = "additional_headers" if is_new else "extra_headers"
    return {name: {"Authorization": f"Bearer {token}"}}


async def read_lines(client):
    """Keyboard or file, without holding up the answers."""
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        if line.strip():
            await client.lines.put(line.strip())


async def main():
    client = Client(sys.argv[1] if len(sys.argv) > 1 else LOCAL)
    reader = asyncio.create_task(read_lines(client))
    await client.run()
    reader.cancel()
    client.keep_sound("answer.wav")


if __name__ == "__main__":
    asyncio.run(main())
