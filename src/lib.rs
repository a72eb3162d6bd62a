//! Rebuilds container image pushes from AWS CloudTrail logs.
