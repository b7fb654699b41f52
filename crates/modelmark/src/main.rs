//! The modelmark command line

fn main() {}
