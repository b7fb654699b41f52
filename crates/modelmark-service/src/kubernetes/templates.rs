//! Where the objects of Kubernetes that make pods have what they make them from.

use super::shape::{self, Found, Object};

/// The kinds that are known: group, version, kind, resource, and the way to the pod.
pub const KINDS: &[(&str, &str, &str, &str, &[&str])] = &[
    ("", "v1", "Pod", "pods", &[]),
    ("", "v1", "PodTemplate", "podtemplates", &["template"]),
    ("", "v1", "ReplicationController", "replicationcontrollers", &["spec", "template"]),
    ("apps", "v1", "DaemonSet", "daemonsets", &["spec", "template"]),
    ("apps", "v1", "Deployment", "deployments", &["spec", "template"]),
    ("apps", "v1", "ReplicaSet", "replicasets", &["spec", "template"]),
    ("apps", "v1", "StatefulSet", "statefulsets", &["spec", "template"]),
    ("batch", "v1", "CronJob", "cronjobs", &["spec", "jobTemplate", "spec", "template"]),
    ("batch", "v1", "Job", "jobs", &["spec", "template"]),
];

/// Subresources that are known: those of pods that bring a whole pod, and those that reach into one.
pub const SUBRESOURCES: &[&str] = &["ephemeralcontainers", "resize", "exec", "attach"];

/// Returns the way to the pod in objects of a kind.
pub(super) fn way(group: &str, version: &str, kind: &str) -> Option<&'static [&'static str]> {
    let known = KINDS.iter().find(|known| (known.0, known.1, known.2) == (group, version, kind));
    known.map(|known| known.4)
}

/// Returns what the way to the pod leads through, that has metadata of its own.
pub(super) fn makers<'v>(object: &'v Object, way: &[&str]) -> Found<Vec<&'v Object>> {
    let mut found = Vec::new();
    let mut at = object;
    for step in way {
        found.extend(shape::part(at, "metadata")?);
        at = shape::needed(at, step)?;
    }
    Ok(found)
}

/// Goes the way to the pod.
pub(super) fn pod<'v>(object: &'v Object, way: &[&str]) -> Found<&'v Object> {
    way.iter().try_fold(object, |at, step| shape::needed(at, step))
}
