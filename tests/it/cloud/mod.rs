//! What lies in AWS, by the feature that reads it.

mod credentials;
mod endpoints;
mod history;
mod hostile;
mod s3;
mod trail_server;
