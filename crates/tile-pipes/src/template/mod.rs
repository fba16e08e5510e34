//! The template language of a node's SQL: parsed once, rendered for each request.
