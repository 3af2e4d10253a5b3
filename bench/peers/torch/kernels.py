"""PyTorch on the CPU under the benchmark's line protocol (see ../serve.js). usage: kernels.py threads, 0 for its own choice"""
import array, json, sys, time

SHORTEST_SAMPLE = 0.002


def kernel_call(job, inputs):
    import torch

    task, axis = job["task"], job.get("axis")
    if task == "matmul":
        a = inputs[0].t() if job["transposeA"] else inputs[0]
        b = inputs[1].t() if job["transposeB"] else inputs[1]
        call = lambda: torch.matmul(a, b)
    elif task in ("softmax", "logSoftmax", "sum"):
        function = {"softmax": torch.softmax, "logSoftmax": torch.log_softmax, "sum": torch.sum}[task]
        call = lambda: function(inputs[0], axis)
    elif task == "layerNorm":
        x, weight, bias = inputs
        call = lambda: torch.nn.functional.layer_norm(x, weight.shape, weight, bias)
    else:
        function = getattr(torch, task)
        call = lambda: function(*inputs)

    def without_gradient():
        with torch.no_grad():
            return [call()]

    return without_gradient


def main():
    import torch

    threads = int(sys.argv[1])
    if threads:
        torch.set_num_threads(threads)
    state = {}

    def tensor(item):
        data = array.array("f")
        with open(item["file"], "rb") as file:
            data.frombytes(file.read())
        return torch.tensor(data, dtype=torch.float32).reshape(item["shape"])

    def prepare(request):
        job, inputs = request["job"], [tensor(item) for item in request["inputs"]]
        named = {item.get("name"): value for item, value in zip(request["inputs"], inputs)}
        start = time.perf_counter()
        if job["task"] == "rnnsearch":
            from models import TrainingStep

            state["call"] = TrainingStep(named, job["gradients"])
            results = state["call"].gradients
        else:
            if "gradients" in job:
                from models import layer_call

                state["call"] = layer_call(job["task"], named, job["gradients"])
            else:
                state["call"] = kernel_call(job, inputs)
            results = state["call"]()
        first = (time.perf_counter() - start) * 1000
        with open(request["output"], "wb") as file:
            for result in results:
                file.write(array.array("f", result.flatten().tolist()).tobytes())
        return {"firstCall": first, "lengths": [result.numel() for result in results]}

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
