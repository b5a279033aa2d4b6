//! Every setting of Rhai's, in one place.

use rhai::module_resolvers::DummyModuleResolver;
use rhai::packages::{Package, StandardPackage};
use rhai::{Engine, OptimizationLevel};
use std::sync::Once;

/// Calls nested deeper are an error. Rhai counts many calls twice: once for finding the function, once for its scope.
const CALL_LEVELS_MAX: usize = 2 * 2000;
const EXPRESSION_DEPTH_MAX: usize = 256;

/// The names of closures are hashes; with a fixed seed they are the same in every process.
const HASHING_SEED: [u64; 4] = [11, 23, 47, 95];

/// An engine with Rhai's own library. Limits of sizes stay off: any of them makes each `push` walk its array.
pub(super) fn engine() -> Engine {
    let mut engine = reader();
    engine.register_global_module(package());
    engine
}

/// An engine that reads texts as all do. It knows no functions, so that it costs nearly nothing.
pub(super) fn reader() -> Engine {
    static SEED: Once = Once::new();
    SEED.call_once(|| {
        // It can be set only once, by us.
        let _ = rhai::config::hashing::set_hashing_seed(Some(HASHING_SEED));
    });
    let mut engine = Engine::new_raw();
    engine.set_module_resolver(DummyModuleResolver::new());
    engine.set_max_call_levels(CALL_LEVELS_MAX);
    engine.set_max_expr_depths(EXPRESSION_DEPTH_MAX, EXPRESSION_DEPTH_MAX);
    engine.set_optimization_level(OptimizationLevel::Simple);
    for word in ["eval", "import", "export"] {
        engine.disable_symbol(word);
    }
    engine
}

/// An engine that only parses: nothing is folded away.
pub(super) fn parser() -> Engine {
    let mut engine = engine();
    engine.set_optimization_level(OptimizationLevel::None);
    engine
}

/// Rhai's library takes a while to build; all engines of a thread share one.
fn package() -> rhai::Shared<rhai::Module> {
    thread_local! {
        static PACKAGE: rhai::Shared<rhai::Module> = StandardPackage::new().as_shared_module();
    }
    PACKAGE.with(Clone::clone)
}
