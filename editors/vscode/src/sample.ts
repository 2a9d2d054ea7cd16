// The sample of the walkthrough, and what the commands write.

/** A notebook with an invented password. */
export const SAMPLE = `# Databricks notebook source
# An invented password: move it into a secret scope with Ctrl+. (Cmd+. on macOS).
orders = (
    spark.read.format("jdbc")
    .option("url", "jdbc:postgresql://db.example.com/shop")
    .option("user", "etl_reader")
    .option("password", "q7#Lm2vX9")
    .load()
)

# COMMAND ----------

# A secret that is read properly, then printed with a space between its letters: nothing redacts that.
token = dbutils.secrets.get(scope="api", key="token")
print(" ".join(token))
`;

export const CONFIG = `# credscope: https://github.com/credscope/credscope
# Rules that do not fit this project:
# ignore = ["env-secret-read"]
# exclude = ["vendor"]

[secrets]
# Scope that fixes use:
# scope = "jdbc"
# Scopes and keys that exist: fixes to them are safe.
# declared = { jdbc = ["username", "password"] }
`;
