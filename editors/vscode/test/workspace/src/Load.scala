package com.example

object Load {
  def main(args: Array[String]): Unit = {
    val connectionProperties = new java.util.Properties()
    connectionProperties.put("user", "etl_reader")
    connectionProperties.put("password", "q7#Lm2vX9")
  }
}
