//! Fingerprints of model files: sizes, SHA-256, CIDs and tensor roots, from one read
