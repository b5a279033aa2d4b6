//! The variables of closures, while Rhai runs a function for the machine: each is one cell of Rhai's for as long, and what is
//! written to that comes back.

use super::state::State;
use crate::value::{Access, Variable};
use rhai::Dynamic;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

thread_local! {
    static CELLS: RefCell<Option<Cells>> = const { RefCell::new(None) };
}

#[derive(Default)]
struct Cells {
    all: Vec<(Rc<Variable>, Dynamic)>,
    /// Which one it is, by where the variable is.
    of_variables: HashMap<*const Variable, usize>,
    /// The same by where Rhai's value is.
    of_places: HashMap<*const (), usize>,
}

impl Cells {
    fn add(&mut self, variable: &Rc<Variable>, cell: &Dynamic, place: *const ()) {
        self.of_variables.insert(Rc::as_ptr(variable), self.all.len());
        self.of_places.insert(place, self.all.len());
        self.all.push((variable.clone(), cell.clone()));
    }
}

/// Runs something in which each variable has one cell; then the variables have the values of their cells.
pub(super) fn sharing<T>(state: &State, work: impl FnOnce() -> T) -> T {
    /// Also when the work panics.
    struct Ended;
    impl Drop for Ended {
        fn drop(&mut self) {
            CELLS.take();
        }
    }
    if CELLS.with_borrow(Option::is_some) {
        return work();
    }
    CELLS.set(Some(Cells::default()));
    let _ended = Ended;
    let result = work();
    let mut next = 0;
    // There may be more of them when a closure comes back in one.
    while let Some((variable, cell)) = CELLS.with_borrow(|cells| cells.as_ref()?.all.get(next).cloned()) {
        if variable.access() == Access::Free {
            variable.replace(state.value(cell.flatten_clone()));
        }
        next += 1;
    }
    result
}

/// Nothing comes back: something could not be given, and its cells do not hold all of it.
pub(super) fn forget() {
    CELLS.with_borrow_mut(|cells| {
        if let Some(cells) = cells {
            *cells = Cells::default();
        }
    });
}

/// The cell of a variable, if it has one.
pub(super) fn of_variable(variable: &Rc<Variable>) -> Option<Dynamic> {
    CELLS.with_borrow(|cells| {
        let cells = cells.as_ref()?;
        let index = cells.of_variables.get(&Rc::as_ptr(variable))?;
        cells.all.get(*index).map(|(_, cell)| cell.clone())
    })
}

/// The variable whose cell is at this place, if there is one.
pub(super) fn at_place(place: *const ()) -> Option<Rc<Variable>> {
    CELLS.with_borrow(|cells| {
        let cells = cells.as_ref()?;
        let index = cells.of_places.get(&place)?;
        cells.all.get(*index).map(|(variable, _)| variable.clone())
    })
}

/// From now on this is the cell of that variable.
pub(super) fn add(variable: &Rc<Variable>, cell: &Dynamic, place: *const ()) {
    CELLS.with_borrow_mut(|cells| {
        if let Some(cells) = cells {
            cells.add(variable, cell, place);
        }
    });
}
