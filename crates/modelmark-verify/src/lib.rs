//! From evidence and policy to a report of coded checks
