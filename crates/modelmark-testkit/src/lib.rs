//! What the tests of several crates share: temporary stores, local chains, generated models
