# Databricks notebook source
# Every credential here is invented.
orders = (
    spark.read.format("jdbc")
    .option("url", "jdbc:postgresql://db.example.com/shop")
    .option("user", "etl_reader")
    .option("password", "q7#Lm2vX9")
    .load()
)

# COMMAND ----------

# MAGIC %sql
# MAGIC CREATE CONNECTION crm TYPE postgresql
# MAGIC OPTIONS (host 'crm.example.com', user 'etl_reader', password 'demo-Pw#2032')
