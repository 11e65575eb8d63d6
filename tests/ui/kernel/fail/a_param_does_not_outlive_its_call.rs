use std::cell::Cell;

thread_local! {
    static KEPT: Cell<&'static [bool]> = const { Cell::new(&[]) };
}

#[pasha::kernel]
fn keep(_worker_id: usize, _index: usize, _value: &f64, #[param] table: &[bool]) {
    KEPT.set(table);
}

fn main() {}
