#!/usr/bin/env python3
"""Writes what API servers ask an admission webhook, about pods that pass and about pods that try to get around it.

The objects are made with the models of the official Kubernetes client, which know every field and its spelling, and put into AdmissionReviews of the
shape that https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/ documents. `expected.json` says for each file which
code refuses it; an empty one stands for "admitted".
"""

import copy
import json
import pathlib

from kubernetes import client as k

HERE = pathlib.Path(__file__).parent
IMAGE = "registry.example.org/modelmark@sha256:" + "5" * 64
OTHER_IMAGE = "registry.example.org/modelmark@sha256:" + "6" * 64
SERVER = "registry.example.org/server@sha256:" + "7" * 64
TOKEN = "eip155:31337/erc721:0x5FbDB2315678afecb367f032d93F642f64180aa3/7"
OTHER_TOKEN = "eip155:31337/erc721:0x5FbDB2315678afecb367f032d93F642f64180aa3/8"
PINNED = ["--policy", "/etc/modelmark/policy.toml", "--chain", "eip155:31337"]
ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
serialize = k.ApiClient().sanitize_for_serialization


def account_mount():
    return k.V1VolumeMount(name="kube-api-access-x2x9q", mount_path=ACCOUNT, read_only=True)


def fetcher(volume="weights", token=TOKEN):
    """The init container that fetches, as it is after Kubernetes has added its defaults."""
    return k.V1Container(
        name=f"modelmark-{volume}",
        image=IMAGE,
        args=["fetch", token, f"/models/{volume}/model", *PINNED],
        volume_mounts=[k.V1VolumeMount(name=volume, mount_path=f"/models/{volume}"), account_mount()],
        resources=k.V1ResourceRequirements(),
        security_context=k.V1SecurityContext(
            run_as_non_root=True, read_only_root_filesystem=True, allow_privilege_escalation=False, capabilities=k.V1Capabilities(drop=["ALL"])
        ),
        termination_message_path="/dev/termination-log",
        termination_message_policy="File",
        image_pull_policy="IfNotPresent",
    )


def verifier(volume="weights", token=TOKEN):
    """The init container that verifies what is there."""
    container = fetcher(volume, token)
    container.args = ["verify", f"/models/{volume}", "--token", token, *PINNED]
    container.volume_mounts[0].read_only = True
    return container


def server(*mounts):
    return k.V1Container(
        name="server",
        image=SERVER,
        args=["--model", "/models/weights/model"],
        env=[k.V1EnvVar(name="MODELMARK_CHAIN", value="its own business")],
        volume_mounts=[*mounts, account_mount()],
        termination_message_path="/dev/termination-log",
    )


def readable(volume="weights", **more):
    return k.V1VolumeMount(name=volume, mount_path="/srv/model", read_only=True, **more)


def account_volume():
    token = k.V1VolumeProjection(service_account_token=k.V1ServiceAccountTokenProjection(expiration_seconds=3607, path="token"))
    return k.V1Volume(name="kube-api-access-x2x9q", projected=k.V1ProjectedVolumeSource(default_mode=420, sources=[token]))


def pod(models=f"weights={TOKEN}", volume=None, inits=None, containers=None, **spec):
    """A pod that passes, unless it is told otherwise."""
    volume = volume or k.V1Volume(name="weights", empty_dir=k.V1EmptyDirVolumeSource())
    annotations = {"modelmark.dev/models": models} if models is not None else {}
    return k.V1Pod(
        api_version="v1",
        kind="Pod",
        metadata=k.V1ObjectMeta(name="server", namespace="serving", labels={"app": "server"}, annotations=annotations, uid="9f0f2bd8"),
        spec=k.V1PodSpec(
            volumes=[volume, account_volume(), *spec.pop("more_volumes", [])],
            init_containers=[fetcher()] if inits is None else inits,
            containers=containers or [server(readable())],
            restart_policy="Always",
            service_account_name="default",
            dns_policy="ClusterFirst",
            enable_service_links=True,
            tolerations=[k.V1Toleration(key="node.kubernetes.io/not-ready", operator="Exists", effect="NoExecute", toleration_seconds=300)],
            **spec,
        ),
    )


def claim(read_only=True, name="weights", claim_name="llama"):
    source = k.V1PersistentVolumeClaimVolumeSource(claim_name=claim_name, read_only=read_only)
    return k.V1Volume(name=name, persistent_volume_claim=source)


def with_init(change, container=None):
    """A pod whose init container was changed."""
    container = container or fetcher()
    change(container)
    return pod(inits=[container])


def setting(name, value):
    return lambda thing: setattr(thing, name, value)


def review(obj, operation="CREATE", kind=("", "v1", "Pod"), resource="pods", sub=None, old=None, dry_run=False, name=None):
    obj = obj if isinstance(obj, dict) else serialize(obj)
    old = old if old is None or isinstance(old, dict) else serialize(old)
    gvk = dict(zip(("group", "version", "kind"), kind))
    gvr = {"group": kind[0], "version": kind[1], "resource": resource}
    request = {
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
        "kind": gvk,
        "resource": gvr,
        **({"subResource": sub} if sub else {}),
        "requestKind": gvk,
        "requestResource": gvr,
        "name": name if name is not None else obj.get("metadata", {}).get("name", ""),
        "namespace": "serving",
        "operation": operation,
        "userInfo": {"username": "system:serviceaccount:kube-system:replicaset-controller", "uid": "014fbff9", "groups": ["system:authenticated"]},
        "object": obj,
        "oldObject": old,
        "dryRun": dry_run,
        "options": {"apiVersion": "meta.k8s.io/v1", "kind": "CreateOptions"},
    }
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}


def raw_change(path, value):
    """A pod with a field that the client does not know, or would not write so."""
    obj = serialize(pod())
    at = obj
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return obj


def template(spec_pod):
    return k.V1PodTemplateSpec(metadata=k.V1ObjectMeta(annotations=spec_pod.metadata.annotations, labels={"app": "server"}), spec=spec_pod.spec)


def deployment(spec_pod, replicas=3):
    selector = k.V1LabelSelector(match_labels={"app": "server"})
    spec = k.V1DeploymentSpec(replicas=replicas, selector=selector, template=template(spec_pod))
    return k.V1Deployment(api_version="apps/v1", kind="Deployment", metadata=k.V1ObjectMeta(name="server", namespace="serving"), spec=spec)


def of_kind(obj, group, kind, resource, **more):
    return review(obj, kind=(group, "v1", kind), resource=resource, **more)


def workload(kind, resource, cls, spec):
    group = "batch" if resource.endswith("jobs") else "apps"
    meta = k.V1ObjectMeta(name="server", namespace="serving")
    return of_kind(cls(api_version=f"{group}/v1", kind=kind, metadata=meta, spec=spec), group, kind, resource)


def cron_job(spec_pod):
    job = k.V1JobTemplateSpec(spec=k.V1JobSpec(template=template(spec_pod)))
    return workload("CronJob", "cronjobs", k.V1CronJob, k.V1CronJobSpec(schedule="0 3 * * *", job_template=job))


def ephemeral(**more):
    container = k.V1EphemeralContainer(name="debugger", image=SERVER, **more)
    changed = pod()
    changed.spec.ephemeral_containers = [container]
    return review(changed, operation="UPDATE", sub="ephemeralcontainers", old=pod())


def connect(kind, sub, container):
    options = {"kind": kind, "apiVersion": "v1", "stdin": True, "command": ["sh"], "container": container}
    return review(options, operation="CONNECT", kind=("", "v1", kind), sub=sub, name="server")


def generated_name():
    obj = serialize(pod())
    obj["metadata"] = {"generateName": "server-5d4f-", "namespace": "serving", "annotations": obj["metadata"]["annotations"]}
    return review(obj)


def cases():
    bad = with_init(setting("image", "registry.example.org/modelmark:latest"))
    selector = k.V1LabelSelector(match_labels={"app": "server"})
    writable = [server(k.V1VolumeMount(name="weights", mount_path="/srv/model"))]
    two = f"weights={TOKEN}\ntokenizer={OTHER_TOKEN}"
    tokenizer = k.V1Volume(name="tokenizer", empty_dir=k.V1EmptyDirVolumeSource())

    # What passes.
    yield "passes-fetched", review(pod()), []
    yield "passes-claim", review(pod(volume=claim(), inits=[verifier()])), []
    yield "passes-image", review(pod(volume=k.V1Volume(name="weights", image=k.V1ImageVolumeSource(reference=SERVER)), inits=[verifier()])), []
    csi = k.V1CSIVolumeSource(driver="models.example.org", read_only=True, volume_attributes={"model": "llama"})
    yield "passes-csi", review(pod(volume=k.V1Volume(name="weights", csi=csi), inits=[verifier()])), []
    yield "passes-two-models", review(pod(models=two, inits=[fetcher(), fetcher("tokenizer", OTHER_TOKEN)], more_volumes=[tokenizer])), []
    yield "passes-no-model", review(pod(models=None, inits=[], containers=[server()])), []
    yield "passes-generated-name", generated_name(), []
    yield "passes-dry-run", review(pod(), dry_run=True), []
    later = k.V1Container(name="warm-up", image=SERVER, volume_mounts=[readable()])
    yield "passes-later-init", review(pod(inits=[fetcher(), later])), []
    yield "passes-deployment", of_kind(deployment(pod()), "apps", "Deployment", "deployments"), []
    yield "passes-cron-job", cron_job(pod()), []
    yield "passes-scaled", of_kind(deployment(bad, 5), "apps", "Deployment", "deployments", operation="UPDATE", old=deployment(bad)), []
    ended = serialize(pod())
    ended["metadata"]["deletionTimestamp"] = "2026-11-23T10:00:00Z"
    yield "passes-finalizer-taken-off", review(ended, operation="UPDATE", old={**ended, "metadata": {**ended["metadata"], "finalizers": ["x/y"]}}), []
    yield "passes-exec-server", connect("PodExecOptions", "exec", "server"), []
    yield "passes-debugger", ephemeral(volume_mounts=[readable()], target_container_name="server"), []

    # The init container.
    yield "init-none", review(pod(inits=[])), ["init.missing"]
    yield "init-impostor-image", review(with_init(setting("image", SERVER))), ["init.image"]
    yield "init-older-image", review(with_init(setting("image", OTHER_IMAGE))), ["init.image"]
    yield "init-mutable-tag", review(bad), ["init.image"]
    yield "init-command", review(with_init(setting("command", ["/bin/true"]))), ["init.command"]
    yield "init-other-verb", review(with_init(setting("args", ["--version"]))), ["init.arguments"]
    yield "init-no-arguments", review(with_init(setting("args", None))), ["init.arguments"]
    yield "init-other-token", review(with_init(lambda c: c.args.__setitem__(1, OTHER_TOKEN))), ["init.arguments"]
    yield "init-own-policy", review(with_init(lambda c: c.args.__setitem__(4, "/mine/policy.toml"))), ["init.arguments"]
    yield "init-more-arguments", review(with_init(lambda c: c.args.append("--accept-recalled"))), ["init.arguments"]
    yield "init-part-only", review(with_init(lambda c: c.args.extend(["--only", "*.md"]))), ["init.arguments"]
    yield "init-environment", review(with_init(setting("env", [k.V1EnvVar(name="MODELMARK_RPC_URL", value="https://evil.example")]))), ["init.environment"]
    yield "init-preload", review(with_init(setting("env", [k.V1EnvVar(name="LD_PRELOAD", value="/models/weights/x.so")]))), ["init.environment"]
    from_map = [k.V1EnvFromSource(config_map_ref=k.V1ConfigMapEnvSource(name="mine"))]
    yield "init-environment-from", review(with_init(setting("env_from", from_map))), ["init.environment"]
    yield "init-sidecar", review(with_init(setting("restart_policy", "Always"))), ["init.restart"]
    mine = k.V1VolumeMount(name="mine", mount_path="/etc/modelmark", read_only=True)
    cover = pod(more_volumes=[k.V1Volume(name="mine", config_map=k.V1ConfigMapVolumeSource(name="mine"))])
    cover.spec.init_containers[0].volume_mounts.append(mine)
    yield "init-policy-covered", review(cover), ["init.mount"]
    yield "init-last-words-cover-policy", review(with_init(setting("termination_message_path", "/etc/modelmark/policy.toml"))), ["init.field"]
    yield "init-working-directory", review(with_init(setting("working_dir", "/models/weights"))), ["init.field"]
    yield "init-attachable", review(with_init(lambda c: (setattr(c, "stdin", True), setattr(c, "tty", True)))), ["init.field"]
    hook = k.V1Lifecycle(post_start=k.V1LifecycleHandler(_exec=k.V1ExecAction(command=["sh"])))
    yield "init-hook", review(with_init(setting("lifecycle", hook))), ["init.field"]
    future = raw_change(["spec", "initContainers", 0, "exitCodeOverride"], {"from": 1, "to": 0})
    yield "init-field-of-the-future", review(future), ["init.field"]
    yield "init-elsewhere", review(with_init(lambda c: setattr(c.volume_mounts[0], "mount_path", "/elsewhere"))), ["init.mount"]
    yield "init-sub-path", review(with_init(lambda c: setattr(c.volume_mounts[0], "sub_path", "good"))), ["init.mount"]
    yield "init-sub-path-expression", review(with_init(lambda c: setattr(c.volume_mounts[0], "sub_path_expr", "$(X)"))), ["init.mount"]
    yield "init-other-volume", review(with_init(lambda c: setattr(c.volume_mounts[0], "name", "other"))), ["init.mount"]
    first = k.V1Container(name="first", image=SERVER, restart_policy="Always")
    yield "init-not-first", review(pod(inits=[first, fetcher()])), ["init.order"]
    yield "init-twice", review(pod(inits=[fetcher(), fetcher()])), ["init.missing"]
    yield "init-as-container", review(pod(inits=[], containers=[fetcher(), server(readable())])), ["container.name", "init.missing", "mount.writable"]
    yield "init-of-no-volume", review(pod(inits=[fetcher(), fetcher("other")])), ["container.name"]
    sidecar = k.V1Container(name="writer", image=SERVER, restart_policy="Always", volume_mounts=[k.V1VolumeMount(name="weights", mount_path="/w")])
    yield "init-later-sidecar-writes", review(pod(inits=[fetcher(), sidecar])), ["mount.writable"]

    # The volume.
    host = k.V1HostPathVolumeSource(path="/models", type="Directory")
    yield "volume-host-path", review(pod(volume=k.V1Volume(name="weights", host_path=host), inits=[verifier()])), ["volume.type"]
    yield "volume-nfs", review(pod(volume=k.V1Volume(name="weights", nfs=k.V1NFSVolumeSource(server="x", path="/", read_only=True)), inits=[verifier()])), ["volume.type"]
    yield "volume-config-map", review(pod(volume=k.V1Volume(name="weights", config_map=k.V1ConfigMapVolumeSource(name="x")), inits=[verifier()])), ["volume.type"]
    yield "volume-writable-claim", review(pod(volume=claim(read_only=None), inits=[verifier()])), ["volume.writable"]
    again = pod(volume=claim(), inits=[verifier()], more_volumes=[claim(read_only=None, name="again")])
    yield "volume-claim-twice", review(again), ["volume.writable"]
    tagged = k.V1Volume(name="weights", image=k.V1ImageVolumeSource(reference="registry.example.org/llama:latest"))
    yield "volume-image-tag", review(pod(volume=tagged, inits=[verifier()])), ["volume.tag"]
    csi_again = k.V1Volume(name="again", csi=k.V1CSIVolumeSource(driver="models.example.org", volume_attributes={"model": "llama"}))
    csi_pod = pod(volume=k.V1Volume(name="weights", csi=csi), inits=[verifier()], more_volumes=[csi_again])
    yield "volume-csi-twice", review(csi_pod), ["volume.writable"]
    # Kubernetes makes the claim `server-scratch` for the second volume of the pod `server`.
    scratch = k.V1PersistentVolumeClaimTemplate(spec=k.V1PersistentVolumeClaimSpec(
        access_modes=["ReadWriteOnce"], data_source=k.V1TypedLocalObjectReference(kind="PersistentVolumeClaim", name="llama"),
        resources=k.V1VolumeResourceRequirements(requests={"storage": "1Gi"})))
    made = k.V1Volume(name="scratch", ephemeral=k.V1EphemeralVolumeSource(volume_claim_template=scratch))
    made_claim = pod(volume=claim(claim_name="server-scratch"), inits=[verifier()], more_volumes=[made])
    yield "volume-claim-made-for-the-pod", review(made_claim), ["volume.writable"]
    own = k.V1Volume(name="weights", ephemeral=k.V1EphemeralVolumeSource(volume_claim_template=scratch))
    yield "volume-ephemeral", review(pod(volume=own, inits=[verifier()])), ["volume.type"]
    from_map = k.V1VolumeProjection(config_map=k.V1ConfigMapProjection(name="mine"))
    projected = k.V1Volume(name="weights", projected=k.V1ProjectedVolumeSource(sources=[from_map]))
    yield "volume-projected", review(pod(volume=projected, inits=[verifier()])), ["volume.type"]
    yield "volume-none", review(pod(volume=k.V1Volume(name="other", empty_dir=k.V1EmptyDirVolumeSource()))), ["volume.missing"]
    yield "volume-of-two-kinds", review(raw_change(["spec", "volumes", 0, "hostPath"], {"path": "/"})), ["volume.type"]
    yield "volume-written-instead-of-fetched", review(pod(inits=[verifier()])), ["init.arguments", "init.mount"]
    every = pod(more_volumes=[k.V1Volume(name="node", host_path=k.V1HostPathVolumeSource(path="/var/lib/kubelet"))])
    yield "volume-node", review(every), ["pod.host"]
    swapped = pod(volume=claim(), inits=[verifier()])
    yield "volume-swapped-by-update", review(pod(volume=claim(read_only=None), inits=[verifier()]), operation="UPDATE", old=swapped), ["volume.writable"]

    # Mounts and rights of the others.
    yield "mount-writable", review(pod(containers=writable)), ["mount.writable"]
    yield "mount-writable-explicitly", review(raw_change(["spec", "containers", 0, "volumeMounts", 0, "readOnly"], False)), ["mount.writable"]
    yield "mount-sub-path", review(pod(containers=[server(readable(sub_path="model"))])), ["mount.sub-path"]
    yield "mount-sub-path-expression", review(pod(containers=[server(readable(sub_path_expr="$(X)"))])), ["mount.sub-path"]
    yield "mount-propagated", review(pod(containers=[server(readable(mount_propagation="Bidirectional"))])), ["mount.propagation"]
    settings = k.V1Volume(name="mine", config_map=k.V1ConfigMapVolumeSource(name="mine"))
    for name, path, more in ("whole", "/srv/model", {}), ("file", "/srv/model/config.json", {"sub_path": "config.json"}), ("dotted", "/srv/./x/..//model/a", {}):
        over = k.V1VolumeMount(name="mine", mount_path=path, **more)
        container = server(readable(), over)
        yield f"mount-covered-{name}", review(pod(containers=[container], more_volumes=[settings])), ["mount.covered"]
    words = server(readable())
    words.termination_message_path = f"{readable().mount_path}/config.json"
    yield "mount-covered-last-words", review(pod(containers=[words])), ["mount.covered"]
    under = server(readable(), k.V1VolumeMount(name="mine", mount_path="/srv"), k.V1VolumeMount(name="mine", mount_path="/srv/models"))
    yield "passes-mount-beside", review(pod(containers=[under], more_volumes=[settings])), []
    twice = server(readable(), k.V1VolumeMount(name="weights", mount_path="/srv/model/model/tokenizer", read_only=True))
    yield "mount-covered-by-itself", review(pod(containers=[twice])), ["mount.covered"]
    device = server()
    device.volume_devices = [k.V1VolumeDevice(name="weights", device_path="/dev/xvda")]
    yield "mount-device", review(pod(containers=[device])), ["mount.device"]
    for name, context in {
        "privileged": k.V1SecurityContext(privileged=True),
        "mounting": k.V1SecurityContext(capabilities=k.V1Capabilities(add=["SYS_ADMIN"])),
        "all-capabilities": k.V1SecurityContext(capabilities=k.V1Capabilities(add=["ALL"])),
        "unmasked": k.V1SecurityContext(proc_mount="Unmasked"),
        "windows-node": k.V1SecurityContext(windows_options=k.V1WindowsSecurityContextOptions(host_process=True)),
    }.items():
        container = server(readable())
        container.security_context = context
        yield f"rights-{name}", review(pod(containers=[container])), ["pod.privileged"]
    yield "rights-of-the-init", review(with_init(lambda c: setattr(c.security_context, "privileged", True))), ["pod.privileged"]
    yield "host-processes", review(pod(host_pid=True)), ["pod.host"]
    yield "shared-processes", review(pod(share_process_namespace=True)), ["pod.host"]

    # What is declared.
    yield "declared-nothing", review(pod(models="")), ["declaration.malformed"]
    yield "declared-misspelt", review(raw_change(["metadata", "annotations"], {"modelmark.dev/model": f"weights={TOKEN}"})), ["declaration.malformed"]
    yield "declared-twice", review(pod(models=f"weights={TOKEN} weights={OTHER_TOKEN}")), ["declaration.malformed"]
    yield "declared-no-token", review(pod(models="weights=bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi")), ["declaration.malformed"]
    yield "declared-other-spelling", review(pod(models=f"weights={TOKEN.lower()}")), ["declaration.malformed"]
    yield "declared-path", review(pod(models=f"../weights={TOKEN}")), ["declaration.malformed"]
    yield "declared-many", review(pod(models=",".join(f"v{n}={TOKEN}" for n in range(17)))), ["declaration.malformed"]
    yield "declared-terminal", review(pod(models="\x1b[2Jweights\x00=x")), ["declaration.malformed"]
    undone = review(pod(models=None), operation="UPDATE", old=pod())
    yield "declaration-taken-off", undone, ["declaration.changed"]
    yield "declaration-swapped", review(pod(models=f"weights={OTHER_TOKEN}"), operation="UPDATE", old=pod()), ["declaration.changed"]
    label = serialize(bad)
    label["metadata"]["labels"] = {"modelmark.dev/verify": "false", "admission.modelmark.dev/ignore": "true"}
    yield "opt-out-label", review(label), ["init.image"]
    opt_out = raw_change(["metadata", "annotations"], {"modelmark.dev/skip": "true", "modelmark.dev/models": f"weights={TOKEN}"})
    yield "opt-out-annotation", review(opt_out), ["declaration.malformed"]

    yield "declared-in-capitals", review(raw_change(["metadata", "annotations"], {"ModelMark.dev/models": f"weights={TOKEN}"})), ["declaration.malformed"]
    yield "declared-not-and-init-there", review(pod(models=None)), ["container.name"]
    # Who may write the status of pods takes the annotation off there, where nobody is asked, and then adds a container.
    bare, later_on = pod(models=None), pod(models=None)
    later_on.spec.ephemeral_containers = [k.V1EphemeralContainer(name="debugger", image=SERVER, volume_mounts=[k.V1VolumeMount(name="weights", mount_path="/w")])]
    lost = review(later_on, operation="UPDATE", sub="ephemeralcontainers", old=bare)
    yield "debugger-writes-after-the-declaration-was-lost", lost, ["container.name"]

    for name, on in ("deployment", deployment(pod(models=None))), ("job-of-a-cron-job", None):
        obj = serialize(on) if on else cron_job(pod(models=None))["request"]["object"]
        metadata = obj["metadata"] if on else obj["spec"]["jobTemplate"].setdefault("metadata", {})
        metadata["annotations"] = {"modelmark.dev/models": f"weights={TOKEN}"}
        kind = ("apps", "Deployment", "deployments") if on else ("batch", "CronJob", "cronjobs")
        yield f"declared-on-the-{name}", of_kind(obj, *kind), ["declaration.malformed"]

    # Other ways in.
    yield "dry-run", review(bad, dry_run=True), ["init.image"]
    no_name = serialize(bad)
    no_name["metadata"] = {"generateName": "server-", "annotations": no_name["metadata"]["annotations"]}
    yield "generated-name", review(no_name), ["init.image"]
    yield "image-swapped-by-update", review(bad, operation="UPDATE", old=pod()), ["init.image"]
    yield "debugger-writes", ephemeral(volume_mounts=[k.V1VolumeMount(name="weights", mount_path="/w")]), ["mount.writable"]
    yield "debugger-in-the-init", ephemeral(target_container_name="modelmark-weights"), ["ephemeral.target"]
    yield "debugger-named-so", review(pod(containers=[server(readable()), k.V1Container(name="modelmark-x", image=SERVER)])), ["container.name"]
    yield "exec-in-the-init", connect("PodExecOptions", "exec", "modelmark-weights"), ["exec.init"]
    yield "attach-to-the-init", connect("PodAttachOptions", "attach", "modelmark-weights"), ["exec.init"]
    yield "deployment", of_kind(deployment(bad), "apps", "Deployment", "deployments"), ["init.image"]
    yield "deployment-changed", of_kind(deployment(bad), "apps", "Deployment", "deployments", operation="UPDATE", old=deployment(pod())), ["init.image"]
    stateful = k.V1StatefulSetSpec(selector=selector, service_name="s", template=template(bad))
    controller = k.V1ReplicationController(api_version="v1", kind="ReplicationController", metadata=k.V1ObjectMeta(name="server", namespace="serving"),
        spec=k.V1ReplicationControllerSpec(replicas=1, selector={"app": "server"}, template=template(bad)))
    yield "replication-controller", of_kind(controller, "", "ReplicationController", "replicationcontrollers"), ["init.image"]
    stored = k.V1PodTemplate(api_version="v1", kind="PodTemplate", metadata=k.V1ObjectMeta(name="server", namespace="serving"), template=template(bad))
    yield "pod-template", of_kind(stored, "", "PodTemplate", "podtemplates"), ["init.image"]
    copied = pod(share_process_namespace=True, containers=[server(readable()), k.V1Container(name="debugger", image=SERVER, stdin=True, tty=True)])
    copied.metadata.name = "server-copy"
    yield "debugger-in-a-copy", review(copied), ["pod.host"]
    yield "stateful-set", workload("StatefulSet", "statefulsets", k.V1StatefulSet, stateful), ["init.image"]
    yield "daemon-set", workload("DaemonSet", "daemonsets", k.V1DaemonSet, k.V1DaemonSetSpec(selector=selector, template=template(bad))), ["init.image"]
    yield "replica-set", workload("ReplicaSet", "replicasets", k.V1ReplicaSet, k.V1ReplicaSetSpec(selector=selector, template=template(bad))), ["init.image"]
    yield "job", workload("Job", "jobs", k.V1Job, k.V1JobSpec(template=template(bad))), ["init.image"]
    yield "cron-job", cron_job(bad), ["init.image"]

    # What is not as it has to be.
    yield "shape-mounts", review(raw_change(["spec", "containers", 0, "volumeMounts"], {"name": "weights"})), ["review.shape"]
    yield "shape-read-only", review(raw_change(["spec", "containers", 0, "volumeMounts", 0, "readOnly"], "true")), ["review.shape"]
    yield "shape-no-spec", review({"metadata": {"name": "server"}}), ["review.shape"]
    yield "shape-many", review(raw_change(["spec", "volumes"], [{"name": f"v{n}", "emptyDir": {}} for n in range(513)])), ["review.shape"]
    nothing = review(pod())
    nothing["request"]["object"] = None
    yield "shape-no-object", nothing, ["review.shape"]
    yield "kind-unknown", review(pod(), kind=("apps", "v1", "Rollout"), resource="rollouts"), ["review.kind"]
    yield "kind-of-another-version", review(deployment(pod()), kind=("apps", "v1beta1", "Deployment"), resource="deployments"), ["review.kind"]
    yield "kind-subresource", review(pod(), sub="status"), ["review.kind"]
    yield "operation-unknown", review(pod(), operation="DELETE"), ["review.operation"]
    yield "update-of-nothing", review(pod(), operation="UPDATE"), ["review.shape"]


def main():
    for old in HERE.glob("*.json"):
        old.unlink()
    expected = {}
    for name, body, codes in cases():
        assert name not in expected, name
        expected[name] = codes
        (HERE / f"{name}.json").write_text(json.dumps(copy.deepcopy(body), indent=1, sort_keys=True) + "\n")
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


main()
