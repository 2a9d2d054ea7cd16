-- Databricks notebook source
CREATE CONNECTION IF NOT EXISTS crm TYPE postgresql
OPTIONS (host 'crm.example.com', port '5432', user 'etl_reader', password 'demo-Pw#2051')
