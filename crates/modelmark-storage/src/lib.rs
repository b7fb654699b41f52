//! Content-addressed storage of records and models: a local block store and CAR files
