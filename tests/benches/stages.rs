//! Cost of each stage on one generated notebook: `cargo bench -p credscope-tests`.

use std::hint::black_box;

use credscope_linter::{Settings, Workspace, engine, model::Model, prefilter};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// A source notebook of `cells` cells, one in ten with a credential.
fn notebook(cells: usize) -> String {
    let mut text = String::from("# Databricks notebook source\n");
    for i in 0..cells {
        if i > 0 {
            text.push_str("\n# COMMAND ----------\n\n");
        }
        text.push_str(&format!("df_{i} = spark.table('sales.orders_{i}').where('amount > {i}').groupBy('day').count()\nfor row in df_{i}.collect():\n    print(row)\n"));
        if i % 10 == 0 {
            text.push_str(&format!(
                "df = spark.read.format('jdbc').option('url', url).option('password', 'q7#Lm2vX{i}').load()\n"
            ));
        }
    }
    text
}

fn stages(criterion: &mut Criterion) {
    let text = notebook(200);
    let opened = credscope_grammars::open("bench.py", text.as_bytes());
    let document = &opened.documents[0];
    let facts = engine::document_facts(document);
    let settings = Settings::default();
    let mut group = criterion.benchmark_group("stages");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("prefilter", |b| b.iter(|| prefilter::may_match(black_box(text.as_bytes()))));
    group.bench_function("split", |b| b.iter(|| credscope_grammars::open("bench.py", black_box(text.as_bytes()))));
    group.bench_function("lower", |b| b.iter(|| engine::document_facts(black_box(document))));
    group.bench_function("model", |b| b.iter(|| Model::build(document, black_box(&facts), &settings)));
    group.bench_function("rules and flow", |b| {
        b.iter(|| engine::analyze_facts(document, black_box(&facts), "bench.py", &settings, &Workspace::default()))
    });
    group.finish();
}

criterion_group!(benches, stages);
criterion_main!(benches);
