"""PyTorch on the CPU under the benchmark's line protocol (see ../serve.js). usage: kernels.py threads, 0 for its own choice"""
import array, json, sys, time

SHORTEST_SAMPLE = 0.002


def main():
    import torch

    threads = int(sys.argv[1])
    if threads:
        torch.set_num_threads(threads)
    torch.set_grad_enabled(False)
    state = {}

    def tensor(item):
        data = array.array("f")
        with open(item["file"], "rb") as file:
            data.frombytes(file.read())
        return torch.tensor(data, dtype=torch.float32).reshape(item["shape"])

    def prepare(request):
        job, inputs = request["job"], [tensor(item) for item in request["inputs"]]
        if job["task"] == "matmul":
            a = inputs[0].t() if job["transposeA"] else inputs[0]
            b = inputs[1].t() if job["transposeB"] else inputs[1]
            call = lambda: torch.matmul(a, b)
        elif job["task"] == "softmax":
            call = lambda: torch.softmax(inputs[0], job["axis"])
        elif job["task"] == "tanh":
            call = lambda: torch.tanh(inputs[0])
        start = time.perf_counter()
        result = call()
        first = (time.perf_counter() - start) * 1000
        with open(request["output"], "wb") as file:
            file.write(array.array("f", result.flatten().tolist()).tobytes())
        state["call"] = call
        return {"firstCall": first}

    def sample(seconds):
        call, samples = state["call"], []
        end = time.perf_counter() + seconds
        while True:
            start, calls = time.perf_counter(), 0
            while True:
                call()
                calls += 1
                elapsed = time.perf_counter() - start
                if elapsed >= SHORTEST_SAMPLE:
                    break
            samples.append(elapsed / calls * 1000)
            if time.perf_counter() >= end:
                return {"samples": samples}

    for line in sys.stdin:
        message = json.loads(line)
        try:
            reply = prepare(message["prepare"]) if "prepare" in message else sample(message["sample"])
        except Exception as error:
            reply = {"error": str(error)}
        print("@" + json.dumps(reply), flush=True)


main()
