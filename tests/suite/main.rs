//! The suite: one binary, so that the product is linked once.

mod browser;
mod pages;
