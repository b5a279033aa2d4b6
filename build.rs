//! How the program is linked.

fn main() {
    // Each segment has large pages of memory for itself, so that a zygote can take all of it in large pieces
    // (`runtime::os::text`).
    println!("cargo::rustc-link-arg-bins=-Wl,-z,max-page-size=0x200000");
    println!("cargo::rerun-if-changed=build.rs");
}
