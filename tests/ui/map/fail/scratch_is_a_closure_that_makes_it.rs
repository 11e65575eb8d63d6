use pasha::prelude::*;

#[pasha::kernel]
fn smooth(_worker_id: usize, _index: usize, _value: &f64, #[scratch] _buffer: &mut Vec<f32>) {}

fn main() -> pasha::Result<()> {
    let ctx = Context::serial();
    ctx.map(smooth { _buffer: || vec![0u8; 3] }, &[1.0])?;
    ctx.map(smooth { _buffer: Vec::new() }, &[1.0])?;
    ctx.map(smooth { _buffer: |length: usize| vec![0.0; length] }, &[1.0])?;
    Ok(())
}
