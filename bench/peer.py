"""The Python side of a bench: answers requests over JSON lines, and times what it computes.

    from peer import serve
    serve({"step": step})       # step(**arguments) -> anything JSON can say

A request is {"id", "call", "arguments"}; the answer {"id", "result", "ms"} or {"id", "error"}. `ms` is the time of the
call alone, without the pipe. What a library prints goes to stderr, so that it never mixes with the answers.
"""

import json
import os
import sys
import time
import traceback
from typing import Any, Callable


def serve(calls: dict[str, Callable[..., Any]]) -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        answer: dict[str, Any] = {"id": request["id"]}
        try:
            function = calls[request["call"]]
            start = time.perf_counter()
            answer["result"] = function(**request.get("arguments", {}))
            answer["ms"] = (time.perf_counter() - start) * 1000
        except Exception:
            answer["error"] = traceback.format_exc()
        print(json.dumps(answer), file=answers, flush=True)
