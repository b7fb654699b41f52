"""Breaks the contracts on purpose and counts how many of the breaks their tests notice.

usage: python3 tools/mutation --forge FORGE --work DIR [--contract NAME] [--sample N] [--only FILE] [--minutes M] [--seed S] [--jobs J]

Run in `contracts/`, by `cargo xtask nightly mutation`. The mutants are run in an order drawn from the seed, at most N of a contract, and
each contract gets its part of M minutes. FILE names mutants, one a line, to run these alone, such as the survivors in DIR/report.json
after tests were added. Those in `mutation-equivalent.txt` were looked at and change nothing that can be seen: they are not run.
Fails when the tests notice fewer than 90 of 100.
"""

import argparse
import json
import random
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from os import environ
from pathlib import Path
from queue import Queue

import compiler
import operators
import schema

BAR = 90
EQUIVALENT = "mutation-equivalent.txt"
# A mutant that keeps the tests busy for longer has been noticed.
PATIENCE = 600

# Of each contract its files, and the tests that are run first, in a project without the others: forge reads all that it has compiled,
# whatever it then runs, and that takes longer than these tests. What they do not notice, all tests get to see.
TARGETS = {
    "ModelRegistry": {
        "sources": ["ModelRegistry.sol", "registry/*.sol", "libraries/ModelId.sol", "libraries/MintAuth.sol", "libraries/ContentURI.sol"]
        + ["libraries/CreatorSignature.sol", "types/ModelRecord.sol"],
        "tests": ["ModelRegistry*", "registry/*", "types/*", "libraries/*"],
    },
    "LineageVault": {
        "sources": ["LineageVault.sol", "vault/*.sol", "RoyaltyReceiver.sol", "libraries/RoyaltyStack.sol", "libraries/RoyaltyReceivers.sol"],
        "tests": ["LineageVault*", "RoyaltyFlow*", "vault/*", "libraries/RoyaltyStack*"],
    },
    "ModelMarket": {
        "sources": ["ModelMarket.sol", "market/*.sol", "libraries/InclusionProof.sol"],
        "tests": ["ModelMarket*", "market/*", "libraries/InclusionProof*"],
    },
}
# Gas figures differ with every switch, and the vectors of others' tools are no tests of these contracts.
ELSEWHERE = ["gas/*.sol", "Seaport*.sol"]


def main():
    options = arguments()
    home = prepare(Path.cwd(), options.work)
    contracts = [options.contract] if options.contract else list(TARGETS)
    mutants = build(home, contracts)
    equivalent = accepted(Path(EQUIVALENT), {mutant.name for found in mutants.values() for mutant in found}, options.contract)
    only = set(options.only.read_text().splitlines()) if options.only else None
    runner = Runner(options.forge, home)
    runner.baseline()
    runner.multiply(options.jobs, contracts)
    report = {}
    with ThreadPoolExecutor(options.jobs) as pool:
        for contract, found in mutants.items():
            runner.deadline = time.monotonic() + 60 * options.minutes / len(mutants)
            chosen = [mutant for mutant in found if mutant.name not in equivalent and (only is None or mutant.name in only)]
            random.Random(options.seed).shuffle(chosen)
            chosen = chosen[: options.sample]
            results = list(pool.map(lambda mutant: runner.judge(contract, mutant), chosen))
            report[contract] = summary(found, chosen, results)
            Path(options.work, "report.json").write_text(json.dumps(report, indent=2))
    raise SystemExit(show(report))


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--forge", required=True)
    parser.add_argument("--work", required=True, type=lambda path: Path(path).resolve())
    parser.add_argument("--contract", choices=list(TARGETS))
    parser.add_argument("--sample", type=int, default=None)
    parser.add_argument("--only", type=Path, default=None)
    parser.add_argument("--minutes", type=float, default=240)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    return parser.parse_args()


def prepare(contracts, work):
    """Makes a copy of the contracts that can be changed; what forge keeps from an earlier run stays."""
    home = work / "contracts"
    home.mkdir(parents=True, exist_ok=True)
    for folder in ("src", "test", "tools"):
        shutil.rmtree(home / folder, ignore_errors=True)
        shutil.copytree(contracts / folder, home / folder)
    # Left out here, not by a filter: what forge has never compiled, it would compile again before each run.
    for pattern in ELSEWHERE:
        for file in (home / "test").glob(pattern):
            file.unlink()
    for vectors in ("contracts", "seaport"):
        shutil.copytree(contracts.parent / "vectors" / vectors, work / "vectors" / vectors, dirs_exist_ok=True)
    if not (home / "node_modules").exists():
        (home / "node_modules").symlink_to(contracts / "node_modules")
    # A switch in every statement makes a contract larger than a chain would take, and code behind a choice is never all reached.
    settings = (contracts / "foundry.toml").read_text().replace('deny = "warnings"', 'deny = "never"\ncode_size_limit = 1_000_000')
    (home / "foundry.toml").write_text(settings)
    return home


def build(home, contracts):
    """Writes the sources with their mutants in, leaving out those that do not compile, and returns the others."""
    files = {c: sorted(str(p.relative_to(home)) for g in TARGETS[c]["sources"] for p in (home / "src").glob(g)) for c in contracts}
    every = [file for c in contracts for file in files[c]]
    texts = {file: (home / file).read_bytes() for file in every}
    hosts = {file: operators.hosts(tree, texts[file]) for file, tree in compiler.trees(home, every).items()}
    number = 0
    for file in every:
        schema.names(file, texts[file], hosts[file])
        for host in hosts[file]:
            for mutant in host.mutants:
                mutant.number = number = number + 1
    (home / "src/Mutant.sol").write_text(schema.SWITCH)
    while True:
        places = {}
        for file in every:
            changed, places[file] = schema.instrument(texts[file], hosts[file])
            (home / file).write_bytes(changed)
        bad = compiler.errors(home, every, [f"src/{c}.sol" for c in contracts])
        if not bad:
            return {c: [m for file in files[c] for host in hosts[file] for m in host.mutants] for c in contracts}
        for file, at, message in bad:
            drop(hosts.get(file, []), places.get(file, {}), at, message)


def drop(hosts, places, at, message):
    """Takes out the mutant at a place that does not compile; where the stack is too deep, all of that function."""
    number = next((number for number, (start, end) in places.items() if start <= at < end), None)
    blamed = next((host for host in hosts if any(mutant.number == number for mutant in host.mutants)), None)
    if blamed is None:
        raise SystemExit(f"the mutants do not compile, and none of them is to blame:\n{message}")
    deep = "Stack too deep" in message
    for host in hosts:
        keep = (lambda mutant: host.function != blamed.function) if deep else (lambda mutant: mutant.number != number)
        host.mutants[:] = [mutant for mutant in host.mutants if keep(mutant)]
    hosts[:] = [host for host in hosts if host.mutants]


class Runner:
    """Runs the tests against one mutant after the other."""

    def __init__(self, forge, home):
        self.forge, self.home, self.deadline = str(Path(forge).resolve()), home, 0.0
        self.idle = Queue()

    def baseline(self):
        """Compiles, and runs all tests against no mutant."""
        if self._fails(self.home, 0, None):
            raise SystemExit("the tests fail without any mutant")

    def multiply(self, jobs, contracts):
        """Gives each job projects of its own: forge writes its cache without a lock, and compiles all anew when it reads half of one."""
        for job in range(jobs):
            own = {contract: self._copy(f"{contract}-{job}", TARGETS[contract]["tests"]) for contract in contracts}
            self.idle.put((own, self._copy(f"all-{job}", ["**/*"])))

    def _copy(self, name, tests):
        copy = self.home.with_name(name)
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.home, copy, symlinks=True)
        kept = {file for pattern in tests for file in (copy / "test").glob(pattern)}
        for file in (copy / "test").rglob("*.t.sol"):
            if file not in kept:
                file.unlink()
        if self._fails(copy, 0, PATIENCE):
            raise SystemExit(f"the tests in {name} fail without any mutant")
        return copy

    def judge(self, contract, mutant):
        """Returns `killed`, `survived`, or None when there is no time left."""
        if time.monotonic() > self.deadline:
            return None
        own, everything = projects = self.idle.get()
        try:
            for home, choice in ((own[contract], ("--fuzz-runs", "32")), (everything, ())):
                if self._fails(home, mutant.number, PATIENCE, *choice):
                    return "killed"
        except subprocess.TimeoutExpired:
            return "killed"
        finally:
            self.idle.put(projects)
        print(f"survived: {mutant.name}", flush=True)
        return "survived"

    def _fails(self, home, number, patience, *choice):
        # A counterexample that forge keeps would be tried on the next mutant as well.
        shutil.rmtree(home / "cache/fuzz", ignore_errors=True)
        shutil.rmtree(home / "cache/invariant", ignore_errors=True)
        command = [self.forge, "test", "--fail-fast", "--block-prevrandao", f"0x{number:064x}", *choice]
        quiet = environ | {"FORGE_SNAPSHOT_EMIT": "false", "FORGE_SNAPSHOT_CHECK": "false"}
        done = subprocess.run(command, cwd=home, env=quiet, capture_output=True, text=True, timeout=patience)
        if done.returncode != 0 and "[FAIL" not in done.stdout:
            raise SystemExit("forge does not come to a verdict:\n" + done.stdout[-4000:] + done.stderr[-4000:])
        return done.returncode != 0


def accepted(file, known, contract):
    """Reads the mutants that change nothing: name, two spaces and a hash, reason."""
    entries = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    names = set()
    for line in entries:
        name, separator, reason = line.partition("  # ")
        if not separator or not reason.strip():
            raise SystemExit(f"a line of {file} has no reason: {line}")
        if name not in known and not contract:
            raise SystemExit(f"{file} names a mutant that there is not: {name}")
        names.add(name)
    return names


def summary(found, chosen, results):
    tried = [(mutant, result) for mutant, result in zip(chosen, results) if result]
    survivors = [mutant.name for mutant, result in tried if result == "survived"]
    killed = len(tried) - len(survivors)
    return {"mutants": len(found), "tried": len(tried), "killed": killed, "survivors": survivors}


def show(report):
    low = False
    for contract, figures in report.items():
        score = 100 * figures["killed"] / max(figures["tried"], 1)
        low = low or score < BAR
        print(f"{contract}: {figures['killed']} of {figures['tried']} noticed ({score:.1f} %), of {figures['mutants']} mutants")
    return f"fewer than {BAR} of 100 mutants are noticed" if low else 0


if __name__ == "__main__":
    main()
