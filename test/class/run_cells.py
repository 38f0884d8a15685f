"""Runs cells in a new kernel of a learner's server behind the hub, over its HTTP and websocket API; prints JSON.

Arguments: the server's address, http://127.0.0.1:8000/user/ada/, and a token. On stdin a list of cells. Printed: for each cell
what it wrote, showed and which error it ended with; and the kernel's history.
"""

import json
import sys
import uuid

import requests
import websocket

server, token = sys.argv[1:]
cells = json.load(sys.stdin)
headers = {"Authorization": f"token {token}"}

kernel = requests.post(f"{server}api/kernels", json={"name": "rlhf-lab"}, headers=headers, timeout=300)
kernel.raise_for_status()
ident = kernel.json()["id"]
address = f"{server.replace('http', 'ws', 1)}api/kernels/{ident}/channels"
channel = websocket.create_connection(address, header=[f"Authorization: token {token}"], timeout=600)


def ask(kind, content):
    message = {
        "header": {"msg_id": uuid.uuid4().hex, "msg_type": kind, "username": "", "session": "test", "version": "5.3"},
        "parent_header": {},
        "metadata": {},
        "content": content,
        "channel": "shell",
    }
    channel.send(json.dumps(message))
    return message["header"]["msg_id"]


def answers(ident):
    """What comes in reply, until the reply itself and the end of its work are there."""
    replied = idle = False
    while not (replied and idle):
        message = json.loads(channel.recv())
        if message["parent_header"].get("msg_id") != ident:
            continue
        replied = replied or message["msg_type"].endswith("_reply")
        idle = idle or (message["msg_type"] == "status" and message["content"]["execution_state"] == "idle")
        yield message


def run(code):
    result = {"text": "", "shown": [], "error": None}
    for message in answers(ask("execute_request", {"code": code, "store_history": True, "allow_stdin": False})):
        content = message["content"]
        if message["msg_type"] == "stream":
            result["text"] += content["text"]
        elif message["msg_type"] in ("display_data", "execute_result"):
            result["shown"] += list(content["data"])
        elif message["msg_type"] == "error":
            result["error"] = f"{content['ename']}: {content['evalue']}"
    return result


results = [run(cell) for cell in cells]
history = next(
    message["content"]["history"]
    for message in answers(ask("history_request", {"hist_access_type": "tail", "n": 1000, "raw": True, "output": False}))
    if message["msg_type"] == "history_reply"
)
channel.close()
requests.delete(f"{server}api/kernels/{ident}", headers=headers, timeout=60)
print(json.dumps({"results": results, "history": [source for _, _, source in history]}))
