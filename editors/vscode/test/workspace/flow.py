# Databricks notebook source
token = dbutils.secrets.get(scope="api", key="token")

# COMMAND ----------

header = {"Authorization": "Bearer " + token}
print(header)
