"""Recurrent layer, attention and translator in eager PyTorch, as a user would write them, with Backflow's parameter names."""
import torch
import torch.nn as nn
import torch.nn.functional as F


def additive_attention(query, keys, values, v, mask):
    """query [batch, T, a], keys [batch, S, a], values [batch, S, d], v [a], mask [batch, S] -> context [batch, T, d]"""
    energy = torch.tanh(query.unsqueeze(2) + keys.unsqueeze(1))
    scores = (energy @ v).masked_fill(~mask.unsqueeze(1), float("-inf"))
    return torch.bmm(torch.softmax(scores, -1), values)


class Translator(nn.Module):
    """RNNsearch (Bahdanau, Cho & Bengio 2015)."""

    def __init__(self, vocabulary, embedding, hidden):
        super().__init__()
        self.srcEmbedding = nn.Embedding(vocabulary, embedding)
        self.tgtEmbedding = nn.Embedding(vocabulary, embedding)
        self.encoder = nn.GRU(embedding, hidden, bidirectional=True, batch_first=True)
        self.bridge = nn.Linear(hidden, hidden)
        self.cell = nn.GRUCell(embedding + 2 * hidden, hidden)
        self.readout = nn.Linear(hidden + 2 * hidden + embedding, hidden)
        self.output = nn.Linear(hidden, vocabulary)
        self.W = nn.Linear(hidden, hidden, bias=False)
        self.U = nn.Linear(2 * hidden, hidden, bias=False)
        self.v = nn.Linear(hidden, 1, bias=False)

    def forward(self, source, target, mask):
        values, _ = self.encoder(self.srcEmbedding(source))
        keys = self.U(values)
        state = torch.tanh(self.bridge(values[:, 0, self.bridge.in_features :]))
        embedded, readouts = self.tgtEmbedding(target), []
        for t in range(target.shape[1]):
            energy = torch.tanh(keys + self.W(state).unsqueeze(1))
            scores = self.v(energy).squeeze(-1).masked_fill(~mask, float("-inf"))
            context = torch.bmm(torch.softmax(scores, -1).unsqueeze(1), values).squeeze(1)
            state = self.cell(torch.cat([embedded[:, t], context], -1), state)
            readouts.append(torch.tanh(self.readout(torch.cat([state, context, embedded[:, t]], -1))))
        return self.output(torch.stack(readouts, 1))


class TrainingStep:
    """Forward, backward, clip to norm 1, Adam, on fresh random tokens; first the gradients of a given batch."""

    def __init__(self, inputs, names):
        vocabulary, embedding = inputs["srcEmbedding.weight"].shape
        self.vocabulary, self.shape = vocabulary, inputs["source"].shape
        self.model = Translator(vocabulary, embedding, inputs["bridge.bias"].shape[0])
        self.model.load_state_dict({name: inputs[name] for name in names})
        self.mask = torch.ones(self.shape, dtype=torch.bool)
        self.loss(*(inputs[name].long() for name in ("source", "target", "labels"))).backward()
        parameters = dict(self.model.named_parameters())
        self.gradients = [parameters[name].grad.clone() for name in names]
        self.optimizer = torch.optim.Adam(self.model.parameters(), 1e-3)

    def loss(self, source, target, labels):
        logits = self.model(source, target, self.mask)
        return F.cross_entropy(logits.reshape(-1, self.vocabulary), labels.reshape(-1))

    def __call__(self):
        tokens = (torch.randint(0, self.vocabulary, self.shape) for _ in range(3))
        self.optimizer.zero_grad()
        self.loss(*tokens).backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()


def gru(inputs):
    """The layer as a function of its input and its parameters by name."""
    size = inputs["weight_hh_l0"].shape[1]
    layer = nn.GRU(inputs["input"].shape[2], size, batch_first=True)
    for name, parameter in layer.named_parameters():
        parameter.data = inputs[name].detach()
    return layer, lambda: layer(inputs["input"])[0]


def layer_call(task, inputs, names):
    """A call that gives the output of a layer, or the gradients of the named inputs of sum(output * weight)."""
    for name in names:
        inputs[name].requires_grad_()
    if task == "gru":
        layer, forward = gru(inputs)
        leaves = {**inputs, **dict(layer.named_parameters())}
    else:
        mask, leaves = inputs["mask"].bool(), inputs
        forward = lambda: additive_attention(*(inputs[name] for name in ("query", "keys", "values", "v")), mask)
    if not names:
        def call():
            with torch.no_grad():
                return [forward()]
        return call
    wanted = [leaves[name] for name in names]
    return lambda: list(torch.autograd.grad((forward() * inputs["weight"]).sum(), wanted))
